"""The bundled server in the background, as real processes on real ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from flowctl.cli.background.locks import is_alive, wait_until_dead
from flowctl.cli.background.record import ServerRecord, read_record, write_record
from flowctl.cli.background.start import ensure_running, find_running
from flowctl.cli.background.stop import Ending, stop
from flowctl.errors import ServerError


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A workspace whose server is ended after the test, whatever happened."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/dev.yaml").write_text("server: bundled\n")
    yield tmp_path
    stop(tmp_path / ".flowctl", grace=10)


def flowctl(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowctl", *arguments], cwd=workspace, capture_output=True, text=True, check=False
    )


def quiet(_: str) -> None:
    """Nobody listens."""


def answers(record: ServerRecord) -> bool:
    """Whether the server answers, to the token that its record leads to."""
    request = Request(f"{record.url}/api/v1/flowctl/health", headers={"Authorization": f"Bearer {record.token()}"})
    with urlopen(request, timeout=30) as response:
        return bool(response.status == 200)


def test_a_server_that_was_started_in_another_dialect_is_named_until_it_starts_anew(workspace: Path) -> None:
    assert "answers as" not in flowctl(workspace, "server", "start").stderr
    (workspace / "flowctl.yaml").write_text('dialect: "1.3"\n')
    (workspace / "flows/dev").mkdir(parents=True)
    told = flowctl(workspace, "triggers", "list").stderr
    assert told.count("answers as lenient, as it was started; flowctl.yaml says 1.3 now") == 1
    assert "answers as lenient" in flowctl(workspace, "server", "start").stderr
    flowctl(workspace, "server", "stop")
    assert "answers as" not in flowctl(workspace, "triggers", "list").stderr
    assert json.loads(flowctl(workspace, "server", "status", "--json").stdout)["dialect"] == "1.3"


def test_start_status_stop(workspace: Path) -> None:
    assert flowctl(workspace, "server", "status").returncode == 1
    started = flowctl(workspace, "server", "start")
    assert (started.returncode, started.stdout) == (0, "")
    assert "Started the bundled server in the background: http://127.0.0.1:" in started.stderr
    facts = json.loads(flowctl(workspace, "server", "status", "--json").stdout)
    record = read_record(workspace / ".flowctl")
    assert record is not None
    assert (facts["running"], facts["pid"], facts["url"]) == (True, record.pid, record.url)
    assert answers(record)
    assert "is running already" in flowctl(workspace, "server", "start").stderr
    assert "listening on" in flowctl(workspace, "server", "logs").stdout
    assert flowctl(workspace, "server", "stop").stderr == "The bundled server has stopped.\n"
    assert flowctl(workspace, "server", "stop").stderr == "The bundled server is not running.\n"
    assert read_record(workspace / ".flowctl") is None


def test_the_token_file_is_its_owners_alone(workspace: Path) -> None:
    record, started = ensure_running(workspace / ".flowctl", quiet)
    assert started
    assert record.token_file is not None
    assert Path(record.token_file).stat().st_mode & 0o777 == 0o600
    assert record.token()


def test_starters_at_the_same_moment_start_one_server(workspace: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-m", "flowctl", "server", "start"], cwd=workspace, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [starter.communicate()[1].decode() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    assert sum("Started the bundled server" in text for text in said) == 1
    assert sum("is running already" in text for text in said) == 3


def test_a_taken_port_makes_the_server_choose_another(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (workspace / "flowctl.yaml").write_text(f"port: {port}\n")
        record, _ = ensure_running(workspace / ".flowctl", quiet)
        assert record.port != port
        assert answers(record)


def test_a_free_port_of_the_settings_is_taken(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (workspace / "flowctl.yaml").write_text(f"port: {port}\n")
    record, _ = ensure_running(workspace / ".flowctl", quiet)
    assert record.port == port


def test_a_record_of_another_program_with_that_pid_is_stale(workspace: Path) -> None:
    state = workspace / ".flowctl"
    write_record(state, ServerRecord(os.getpid(), 1, "http://127.0.0.1:1", None, "2026-01-01T00:00:00+00:00", "0"))
    assert find_running(state) is None
    record, started = ensure_running(state, quiet)
    assert started
    assert record.pid != os.getpid()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "extra": 2}'])
def test_a_broken_record_is_no_record(workspace: Path, content: str) -> None:
    (workspace / ".flowctl").mkdir()
    (workspace / ".flowctl/server.json").write_text(content)
    assert find_running(workspace / ".flowctl") is None


def test_after_a_kill_the_next_command_starts_another(workspace: Path) -> None:
    state = workspace / ".flowctl"
    first, _ = ensure_running(state, quiet)
    os.kill(first.pid, signal.SIGKILL)
    assert wait_until_dead(state, 30)
    assert read_record(state) == first
    second, started = ensure_running(state, quiet)
    assert started
    assert second.pid != first.pid
    assert answers(second)


def test_a_server_that_cannot_start_shows_why(workspace: Path) -> None:
    (workspace / ".flowctl").mkdir()
    (workspace / ".flowctl/server").write_text("in the way")
    result = flowctl(workspace, "server", "start")
    assert result.returncode == 1
    assert "[S392]" in result.stderr
    assert ".flowctl/server" in result.stderr
    assert "Traceback" not in result.stderr
    assert not is_alive(workspace / ".flowctl")


def test_a_start_that_fails_shows_nothing_of_earlier_starts(workspace: Path) -> None:
    (workspace / ".flowctl").mkdir()
    (workspace / ".flowctl/server").write_text("in the way")
    (workspace / ".flowctl/server.log").write_text("an error of yesterday\n")
    result = flowctl(workspace, "server", "start")
    assert "[S392]" in result.stderr
    assert "yesterday" not in result.stderr


def test_a_workspace_that_cannot_be_written_is_said_so(workspace: Path) -> None:
    (workspace / ".flowctl").write_text("in the way")
    result = flowctl(workspace, "server", "start")
    assert result.returncode == 1
    assert "[S395]" in result.stderr
    assert str(workspace / ".flowctl") in result.stderr


def test_a_server_that_is_not_ready_in_time_is_stopped(workspace: Path) -> None:
    with pytest.raises(ServerError) as caught:
        ensure_running(workspace / ".flowctl", quiet, deadline=0.0)
    assert caught.value.diagnostics[0].code == "S393"
    assert wait_until_dead(workspace / ".flowctl", 30)


@pytest.mark.parametrize("content", [None, "[]"], ids=["lost", "damaged"])
def test_a_server_without_its_record_can_be_stopped(content: str | None, workspace: Path) -> None:
    record, _ = ensure_running(workspace / ".flowctl", quiet)
    (workspace / ".flowctl/server.json").unlink()
    if content is not None:
        (workspace / ".flowctl/server.json").write_text(content)
    status = flowctl(workspace, "server", "status")
    assert f"runs (process {record.pid}), but .flowctl/server.json does not say where" in status.stdout
    refused = flowctl(workspace, "server", "start")
    assert "end it with `flowctl server stop`" in refused.stderr
    assert "has stopped" in flowctl(workspace, "server", "stop").stderr
    assert ensure_running(workspace / ".flowctl", quiet)[1]


def test_a_server_that_does_not_listen_is_killed(workspace: Path) -> None:
    record, _ = ensure_running(workspace / ".flowctl", quiet)
    os.kill(record.pid, signal.SIGSTOP)
    assert stop(workspace / ".flowctl", grace=0.1) is Ending.KILLED
    assert not is_alive(workspace / ".flowctl")


def test_a_server_in_the_foreground_is_found_and_only_one_may_run(workspace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "flowctl", "server", "run", "--port", "0"], cwd=workspace, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    assert b"listening" in process.stderr.readline()
    record, started = ensure_running(workspace / ".flowctl", quiet)
    assert (started, record.pid) == (False, process.pid)
    second = flowctl(workspace, "server", "run", "--port", "0")
    assert second.returncode == 1
    assert "[S394]" in second.stderr
    process.send_signal(signal.SIGINT)
    with process:
        process.stderr.read()
    assert read_record(workspace / ".flowctl") is None


def test_a_taken_port_in_the_foreground_is_an_error(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = flowctl(workspace, "server", "run", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 1
    assert "[S301]" in result.stderr
