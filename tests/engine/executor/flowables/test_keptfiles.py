"""`cache` of a WorkingDirectory, with real tasks and in itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowctl.engine.executor.flowables import keptfiles
from flowctl.engine.executor.flowables.keptfiles import KeptFiles, TooMuch
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.plugins.protocol import Place
from tests.engine.running import Engine, flow, output, states

HOUR = 3_600_000_000


def working(*commands: str, cache: str = "{patterns: ['kept/**']}", more: str = "") -> str:
    """A flow with one task in a WorkingDirectory that keeps files; `more` are further properties of the latter."""
    listed = "".join(f"          - {line!r}\n" for line in commands)
    return flow(
        f"  - id: wd\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n    cache: {cache}\n{more}    tasks:\n"
        "      - id: t\n        type: io.kestra.plugin.scripts.shell.Commands\n"
        f"        taskRunner: {{type: io.kestra.plugin.core.runner.Process}}\n        commands:\n{listed}"
    )


APPEND = ("mkdir -p kept/deep", "echo line >> kept/deep/tally", "echo other > gone", "cat kept/deep/tally; ls")


def said(running: Engine, source: str) -> list[str]:
    """What the task of a successful run has printed."""
    ended = running.run(source)
    assert ended.state == "SUCCESS", running.messages(ended.id)
    return [line.message for line in running.lines(ended.id) if line.task_id == "t"]


def test_the_next_run_finds_the_files_that_match(running: Engine) -> None:
    assert said(running, working(*APPEND)) == ["line", "gone", "kept"]
    assert said(running, working("ls; cat kept/deep/tally")) == ["kept", "line"]
    assert said(running, working(*APPEND)) == ["line", "line", "gone", "kept"]
    assert said(running, working("cat kept/deep/tally")) == ["line", "line"]


def test_without_the_wish_the_directory_is_empty(running: Engine) -> None:
    said(running, working(*APPEND))
    assert said(running, working("ls", cache="null")) == []


def test_a_failed_run_keeps_nothing(running: Engine) -> None:
    assert running.run(working(*APPEND, "exit 1")).state == "FAILED"
    assert said(running, working("ls")) == []


def test_input_files_stand_over_the_kept_ones(running: Engine) -> None:
    said(running, working(*APPEND))
    more = "    inputFiles: {kept/deep/tally: mine}\n"
    assert said(running, working("cat kept/deep/tally", more=more)) == ["mine"]


def test_kept_files_can_be_output_files(running: Engine) -> None:
    said(running, working(*APPEND))
    ended = running.run(working("true", more="    outputFiles: ['kept/**']\n"))
    assert list(output(ended, "wd")["outputFiles"]) == ["kept/deep/tally"]  # type: ignore[call-overload]


def test_each_value_keeps_its_own(running: Engine) -> None:
    text = working("cat kept/me || true", "mkdir -p kept", "echo {{ taskrun.value }} > kept/me")
    tasks = text.partition("tasks:\n")[2].replace("\n", "\n    ")
    each = "  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    values: [x, y]\n    tasks:\n    "
    source = flow(each + tasks.rstrip(" "))
    for expected in ([], ["x", "y"]):
        ended = running.run(source)
        lines = [line for line in running.lines(ended.id) if line.task_id == "t" and line.level == "INFO"]
        assert [line.message for line in lines] == expected


@pytest.mark.parametrize("cache", ["{patterns: ['*'], ttl: soon}", "{patterns: '{{ nobody.knows }}'}"])
def test_a_wish_that_cannot_be_read_fails_the_task(running: Engine, cache: str) -> None:
    ended = running.run(working("true", cache=cache))
    assert states(ended)["wd"] == "FAILED"
    assert running.messages(ended.id, "ERROR")


def test_a_damaged_archive_is_a_warning(running: Engine) -> None:
    said(running, working(*APPEND))
    storage = running.executor.services.storage
    storage.put("test/engine/f/wd/cache", "files.tar", b"nothing of the kind")
    ended = running.run(working("ls"))
    assert ended.state == "SUCCESS"
    assert "damaged" in running.messages(ended.id, "WARN")[0]
    assert said(running, working("ls", *APPEND))[0] != "kept"


def kept(root: Path, ttl: int | None = None, value: str | None = None) -> KeptFiles:
    place = Place("a.b", "f", 1, "e", "wd", "r", value)
    return KeptFiles.of(Storage(root / "storage"), place, ["**/*.txt"], ttl)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A directory with one file that matches."""
    directory = tmp_path / "made"
    (directory / "sub").mkdir(parents=True)
    (directory / "sub" / "a.txt").write_text("text")
    os.utime(directory / "sub" / "a.txt", ns=(0, 1_700_000_000_123_456_789))
    (directory / "sub" / "a.txt").chmod(0o750)
    return directory


def test_mode_and_time_of_a_file_stay(tmp_path: Path, made: Path) -> None:
    assert kept(tmp_path).keep(made, 1) == 1
    assert kept(tmp_path).restore(tmp_path / "other", 2) == 1
    status = (tmp_path / "other" / "sub" / "a.txt").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns // 1000) == (0o750, 1_700_000_000_123_457)
    assert kept(tmp_path).keep(tmp_path / "other", 3) is None


@pytest.mark.parametrize(("ttl", "age", "number"), [(None, 10**15, 1), (HOUR, HOUR - 1, 1), (HOUR, HOUR, 0)])
def test_files_are_there_until_their_time_is_over(
    tmp_path: Path, made: Path, ttl: int | None, age: int, number: int
) -> None:
    files = kept(tmp_path, ttl)
    files.keep(made, 7)
    assert files.keep(made, 8) is None  # they are the same: their age goes on
    assert files.restore(tmp_path / "other", 7 + age) == number
    assert files.keep(made, 7 + age) == (None if number else 1)


def test_links_are_left_out_and_hard_links_are_files(tmp_path: Path, made: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (made / "link.txt").symlink_to(tmp_path / "secret.txt")
    (made / "sub" / "b.txt").hardlink_to(made / "sub" / "a.txt")
    (made / "dir.txt").mkdir()
    assert kept(tmp_path).keep(made, 1) == 2
    assert kept(tmp_path).restore(tmp_path / "other", 2) == 2
    assert sorted(p.name for p in (tmp_path / "other").rglob("*.txt")) == ["a.txt", "b.txt"]


def test_too_many_files_are_not_kept(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keptfiles, "MOST_BYTES", 3)
    with pytest.raises(TooMuch, match="4 bytes"):
        kept(tmp_path).keep(made, 1)


def test_the_number_of_archives_of_a_task_has_a_bound(tmp_path: Path, made: Path) -> None:
    for value in range(keptfiles.MOST_ARCHIVES + 3):
        kept(tmp_path, value=str(value)).keep(made, 1)
    assert len(list((tmp_path / "storage/a/b/f/wd/cache").iterdir())) == keptfiles.MOST_ARCHIVES
