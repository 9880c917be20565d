"""`logToFile`, with real tasks and in itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flowctl.engine.api.executions.shapes import task_run_json
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.executor.tasks import filelines
from flowctl.engine.executor.tasks.filelines import FileLines
from flowctl.engine.executor.tasks.joblines import LINE_COST, JobLines
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.plugins.protocol import Place
from flowctl.engine.store.tables.logs import LogLine
from tests.engine.running import Engine, flow

SHELL = (
    "  - id: t\n    type: io.kestra.plugin.scripts.shell.Commands\n    logToFile: true\n"
    "    taskRunner: {type: io.kestra.plugin.core.runner.Process}\n"
)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")
PLACE = Place("n", "f", 1, "x", "t", "r", attempt=2)


def addresses(execution: Execution, task_id: str = "t") -> list[str | None]:
    """The log files of a task's attempts."""
    return [a.log_file for run in execution.runs.values() if run.task_id == task_id for a in run.attempts]


def content(running: Engine, uri: str | None) -> list[str]:
    """The lines of a log file without their times."""
    assert uri is not None
    text = running.executor.services.storage.existing(uri).read_text()
    assert all(STAMP.match(line) for line in text.splitlines())
    return [STAMP.sub("", line) for line in text.splitlines()]


def test_what_a_task_prints_is_in_the_file_and_not_in_the_store(running: Engine) -> None:
    ended = running.run(flow(SHELL + "    commands: ['echo out', 'echo err >&2 && exit 3']\n"))
    (uri,) = addresses(ended)
    assert sorted(content(running, uri))[:3] == [
        "ERROR Command failed with exit code 3",
        "ERROR err",
        "ERROR io.kestra.core.models.tasks.runners.TaskException: Command failed with exit code 3",
    ]
    assert content(running, uri)[-1] != "" and "INFO  out" in content(running, uri)
    assert running.messages(ended.id, "TRACE") == []
    assert not list(running.executor.services.work.glob("log-*"))


def test_the_address_is_shown_with_the_attempt(running: Engine) -> None:
    ended = running.run(flow(SHELL + "    commands: ['echo out']\n"))
    (run,) = ended.runs.values()
    shown = task_run_json(run)["attempts"][0]["logFile"]
    assert shown == f"kestra:///test/engine/f/executions/{ended.id}/tasks/t/{run.id}/attempt-0.log"


def test_a_task_that_is_done_within_the_turn_has_a_file_too(running: Engine) -> None:
    source = flow(
        "  - {id: t, type: io.kestra.plugin.core.log.Log, logToFile: true, logLevel: WARN, level: WARN, message: hi}\n"
        "  - {id: u, type: io.kestra.plugin.core.log.Log, logToFile: true, logLevel: WARN, message: below}\n"
        "  - {id: v, type: io.kestra.plugin.core.log.Log, message: as ever}\n"
    )
    ended = running.run(source)
    assert content(running, addresses(ended)[0]) == ["WARN  hi"]
    assert addresses(ended, "u") == addresses(ended, "v") == [None]
    assert running.messages(ended.id) == ["INFO v: as ever"]


def test_each_attempt_has_its_own_file(running: Engine) -> None:
    retry = "    retry: {type: constant, interval: PT0.01S, maxAttempts: 2}\n"
    ended = running.run(flow(SHELL + retry + "    commands: ['echo {{ taskrun.attemptsCount }}', 'exit 1']\n"))
    assert [content(running, uri)[0] for uri in addresses(ended)] == ["INFO  0", "INFO  1"]


def test_secrets_are_masked_in_the_file(running: Engine) -> None:
    running.executor.services.masker.add("swordfish")
    ended = running.run(flow(SHELL + "    commands: ['echo the swordfish']\n"))
    (line,) = content(running, addresses(ended)[0])
    assert "swordfish" not in line


def test_a_killed_attempt_has_its_file(running: Engine, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    id_ = running.start(
        *running.save(flow(SHELL + f"    commands: ['echo begun', 'echo > {gate}', 'exec sleep 60']\n"))
    )
    gate.read_text()
    running.command(id_, actions.kill)
    assert content(running, addresses(running.wait(id_))[0])[0] == "INFO  begun"


class Writer:
    """Takes note of lines for the store."""

    def clock(self) -> int:
        return 1

    def pending(self, lines: JobLines) -> None:
        """Whoever asks for the lines gets them."""

    def write(self, lines: list[LogLine]) -> BaseException | None:
        raise AssertionError("nobody asked")


def lines_of(path: Path) -> FileLines:
    rows = JobLines(Writer(), Job("x", None, None, PLACE, None), str)  # type: ignore[arg-type]  # only its place is read
    return FileLines(rows, path, lambda: 1, str)


def test_the_beginning_and_the_last_lines_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "1970-01-01T00:00:00.000001Z INFO  "
    monkeypatch.setattr(filelines, "MOST_KEPT", 5 * (LINE_COST + len(head) + 4))
    lines, storage = lines_of(tmp_path / "log"), Storage(tmp_path / "storage")
    for number in range(100, 400):
        lines.add("INFO", str(number))
    uri = lines.store(lambda name, path: storage.put_file("a", name, path), PLACE)
    assert uri == "kestra:///a/attempt-2.log"
    found = storage.existing(uri).read_text().replace(head, "").splitlines()
    assert found[:5] == ["100", "101", "102", "103", "104"]
    assert found[5].startswith("195 lines are left out here")
    assert found[6:] == [str(number) for number in range(300, 400)]


def test_half_a_surrogate_pair_does_no_harm(tmp_path: Path) -> None:
    lines = lines_of(tmp_path / "log")
    lines.add("INFO", "a\ud800b")
    assert lines.store(lambda name, path: path.read_text().rpartition(" ")[2], PLACE) == "a?b\n"


def test_what_cannot_be_written_goes_to_the_store(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    lines = lines_of(tmp_path / "in the way" / "log")
    lines.add("INFO", "one")
    lines.add("INFO", "two")
    assert lines.store(lambda name, path: "never", PLACE) is None
    levels = [(line.level, line.message) for line in lines.end()]
    assert levels[1:] == [("INFO", "one"), ("INFO", "two")]
    assert levels[0][0] == "WARN"


def test_a_file_that_cannot_be_stored_is_said_in_the_store(tmp_path: Path) -> None:
    def full(name: str, path: Path) -> str:
        raise OSError("no space")

    lines = lines_of(tmp_path / "log")
    lines.add("INFO", "one")
    assert lines.store(full, PLACE) is None
    assert [line.message for line in lines.end()] == ["the file of the log cannot be stored: no space"]
