from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flowctl.engine.executor.tasks import joblines
from flowctl.engine.executor.tasks.joblines import JobLines
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.plugins.protocol import Place
from flowctl.engine.store.tables.logs import LogLine
from tests.engine.running import engine, flow

SCRIPT = "io.kestra.plugin.scripts.python.Script, taskRunner: {type: io.kestra.plugin.core.runner.Process}"


class Writer:
    """Hears that there is something to write, and writes nothing."""

    def __init__(self) -> None:
        self.told = threading.Semaphore(0)

    def clock(self) -> int:
        return 1

    def pending(self, lines: JobLines) -> None:
        self.told.release()

    def write(self, lines: list[LogLine]) -> BaseException | None:
        raise AssertionError("nobody asked")


def lines_of(writer: Writer) -> JobLines:
    place = Place("n", "f", 1, "x", "t", "r")
    return JobLines(writer, Job("x", None, None, place, None), str)  # type: ignore[arg-type]  # only its place is read


def test_whoever_prints_faster_than_the_disk_takes_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblines, "MOST_PENDING", 3 * (joblines.LINE_COST + 1))
    writer = Writer()
    lines = lines_of(writer)
    printing = threading.Thread(target=lambda: [lines.add("INFO", str(n)) for n in range(8)])
    printing.start()
    seen: list[str] = []
    while len(seen) < 8:
        assert writer.told.acquire(timeout=10)
        taken = lines.take()
        assert len(taken) <= 3
        seen += [line.message for line in taken]
    printing.join(10)
    assert seen == [str(n) for n in range(8)]


def test_the_beginning_and_the_last_lines_of_an_endless_log_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblines, "MOST_KEPT", 5 * (joblines.LINE_COST + 3))
    lines = lines_of(Writer())
    for number in range(100, 400):
        lines.add("INFO", str(number))
    found = lines.end()
    assert [line.message for line in found[:5]] == ["100", "101", "102", "103", "104"]
    assert (found[5].level, found[5].message.split()[0]) == ("WARN", "195")
    assert [line.message for line in found[6:]] == [str(number) for number in range(300, 400)]
    assert lines.end() == []


def test_few_lines_too_many_are_kept_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblines, "MOST_KEPT", 0)
    lines = lines_of(Writer())
    lines.add("INFO", "a")
    assert [line.message for line in lines.end()] == ["a"]


def test_a_script_that_prints_much_says_why_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblines, "MOST_KEPT", 100_000)
    text = "for n in range(5000): print(n, flush=False)\nraise SystemExit(3)"
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(f"  - {{id: a, type: {SCRIPT}, script: {text!r}}}\n".replace("'", '"')))
        messages = running.messages(ended.id)
    assert ended.state == "FAILED"
    assert messages[-1] == "ERROR a: io.kestra.core.models.tasks.runners.TaskException: Command failed with exit code 3"
    assert messages[0] == "INFO a: 0"
    assert "INFO a: 4999" in messages
    assert len(messages) < 1200
    assert any("lines are left out" in message for message in messages)
