"""Tasks as another user: what they may read and write, and what is refused."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine import accounts
from flowctl.engine.accounts import VARIABLE, account_of, hand_over, prepare
from flowctl.errors import ServerError
from tests.engine.running import Engine, engine, flow, output

NOBODY = {VARIABLE: "nobody"}
PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory that every user can pass to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@pytest.fixture
def privileged(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether this is the superuser; else the calls that need it are only recorded."""
    if os.geteuid() == 0:
        return True
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda *_, **__: None)
    return False


def test_without_a_name_tasks_run_as_the_server() -> None:
    assert account_of({}) is None
    assert account_of({VARIABLE: ""}) is None


def refusal(data: Path, environ: dict[str, str]) -> str:
    with pytest.raises(ServerError) as refused:
        prepare(data, environ)
    [diagnostic] = refused.value.diagnostics
    assert diagnostic.code == "S312"
    assert diagnostic.hint
    return diagnostic.summary


def test_an_unknown_user_is_refused(data: Path) -> None:
    assert "no such user" in refusal(data, {VARIABLE: "no-such-user"})


def test_an_ordinary_server_cannot_become_another(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "only a server of the superuser" in refusal(data, NOBODY)


def test_the_superuser_is_no_other_user(data: Path, privileged: bool) -> None:
    assert "only a server of the superuser" in refusal(data, {VARIABLE: "root"})


def test_a_way_that_is_closed_is_named(data: Path, privileged: bool) -> None:
    closed = data.parent / "closed"
    closed.mkdir(mode=0o700)
    closed.chmod(0o700)
    assert str(closed) in refusal(closed / "data", NOBODY)


def test_the_data_directory_can_be_passed_and_not_listed(data: Path, privileged: bool) -> None:
    found = prepare(data, NOBODY)
    assert found is not None and found.name == "nobody"
    assert data.stat().st_mode & 0o777 == (data / "work").stat().st_mode & 0o777 == 0o711


def test_links_and_files_of_several_names_stay_whose_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(accounts.os, "chown", lambda path, *_, **__: given.append(Path(path).name))
    outside = tmp_path / "outside"
    outside.write_text("x")
    here = tmp_path / "here"
    (here / "sub").mkdir(parents=True)
    (here / "sub" / "plain").write_text("x")
    (here / "link").symlink_to(outside)
    (here / "second").hardlink_to(outside)
    account = account_of(NOBODY)
    assert account is not None
    hand_over(here, account)
    assert sorted(given) == ["here", "plain", "sub"]


@pytest.fixture
def running(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    for name, value in NOBODY.items() if os.geteuid() == 0 else ():
        monkeypatch.setenv(name, value)
        prepare(data, NOBODY)
    with engine(data) as found:
        yield found


@pytest.mark.parametrize("there", [True, False], ids=["an old one", "a new one"])
def test_the_files_of_executions_are_closed(data: Path, privileged: bool, there: bool) -> None:
    if there:
        (data / "storage").mkdir(parents=True)
        (data / "storage").chmod(0o755)
    prepare(data, NOBODY)
    assert (data / "storage").stat().st_mode & 0o777 == 0o700


def test_a_task_cannot_read_the_files_of_other_executions(running: Engine, data: Path) -> None:
    """An ordinary user who runs the tests cannot become another, and a server does not hide from its own user."""
    text = (
        "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: private}\n"
        "  - {id: l, type: io.kestra.plugin.core.log.Log, message: private, logToFile: true}\n"
        f"  - id: t\n    type: io.kestra.plugin.scripts.shell.Commands\n    {PROCESS}\n"
        f"    commands: ['find {data}/storage {data}/work -type f -exec cat {{}} + | grep private || echo closed']\n"
    )
    ended = running.run(flow(text))
    assert ended.state == "SUCCESS"
    if os.geteuid() == 0:
        assert "closed" in [line.message for line in running.lines(ended.id)]


def test_a_task_works_in_its_directory_and_cannot_read_the_store(running: Engine, data: Path) -> None:
    """An ordinary user who runs the tests cannot become another: then the task is the server's own user's."""
    other = os.geteuid() == 0
    lines = (
        "cat in.txt > out.txt",
        "echo said > /dev/stdout",
        f"cat {data}/flowctl.db > /dev/null 2>&1 && echo store || echo no store",
        f"ls {data} > /dev/null 2>&1 && echo list || echo no list",
        "id -un; id -Gn",
    )
    commands = "".join(f"      - {line!r}\n" for line in lines)
    text = (
        f"  - id: a\n    type: io.kestra.plugin.scripts.shell.Commands\n    {PROCESS}\n"
        f"    inputFiles: {{in.txt: hello}}\n    outputFiles: [out.txt]\n    commands:\n{commands}"
        "  - id: r\n    type: io.kestra.plugin.core.debug.Return\n"
        "    format: \"{{ read(outputs.a.outputFiles['out.txt']) }}\"\n"
    )
    ended = running.run(flow(text))
    said = [line.message for line in running.lines(ended.id)]
    assert ended.state == "SUCCESS", said
    assert output(ended, "r")["value"] == "hello"
    assert said[0] == "said"
    if other:
        assert said[1:4] == ["no store", "no list", "nobody"]
        assert "root" not in said[4]
