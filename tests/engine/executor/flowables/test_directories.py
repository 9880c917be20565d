"""The files of a WorkingDirectory, written and kept beside the turns of executions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.executor.flowables import directorywork
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.plugins.protocol import Killed, RunContext
from tests.engine.running import Engine, engine, flow, output, states

RETURN = "type: io.kestra.plugin.core.debug.Return, format: x"
FAIL = "type: io.kestra.plugin.core.execution.Fail"


def directory(more: str, tasks: str = f"{{id: r, {RETURN}}}", id_: str = "f") -> str:
    kind = "type: io.kestra.plugin.core.flow.WorkingDirectory"
    return flow(f"  - {{id: wd, {kind}, {more}, tasks: [{tasks}]}}\n", id_=id_)


FILES = "inputFiles: {a.txt: hello}, outputFiles: ['*.txt']"


class Gate:
    """Holds the work with files at one place until it is opened, or the work is to end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.reached, self.open = threading.Semaphore(0), threading.Event()
        inner = getattr(directorywork, name)

        def held(context: RunContext, *rest: object) -> object:
            ended = threading.Event()
            context.on_kill(lambda: (ended.set(), self.open.set()))  # type: ignore[func-returns-value]
            self.reached.release()
            assert self.open.wait(20)
            if ended.is_set():
                raise Killed
            return inner(context, *rest)

        monkeypatch.setattr(directorywork, name, held)

    def wait(self, times: int = 1) -> None:
        """Until so many have come to the gate."""
        for _ in range(times):
            assert self.reached.acquire(timeout=20)


@pytest.fixture(params=["prepare", "collect"])
def gate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before, and one after the tasks."""
    found = Gate(monkeypatch, request.param)
    yield found
    found.open.set()


def left(running: Engine) -> list[Path]:
    return list(running.executor.services.work.glob("shared-*"))


def test_files_are_written_before_and_kept_after(running: Engine) -> None:
    ended = running.run(directory(FILES))
    assert states(ended) == {"wd": "SUCCESS", "r": "SUCCESS"}
    assert list(output(ended, "wd")["outputFiles"]) == ["a.txt"]  # type: ignore[call-overload]
    (attempt,) = next(iter(ended.runs.values())).attempts
    assert [state for state, _ in attempt.history] == ["CREATED", "RUNNING", "SUCCESS"]
    assert left(running) == []


def test_other_executions_go_on_meanwhile(running: Engine, gate: Gate) -> None:
    """There are more of them than threads that take turns."""
    key = running.save(directory(FILES))
    held = [running.start(*key) for _ in range(6)]
    gate.wait(6)
    assert running.run(flow(f"  - {{id: r, {RETURN}}}\n", id_="other")).state == "SUCCESS"
    gate.open.set()
    assert [running.wait(id_).state for id_ in held] == ["SUCCESS"] * 6


def test_a_kill_ends_the_work_with_files(running: Engine, gate: Gate) -> None:
    id_ = running.start(*running.save(directory(FILES)))
    gate.wait()
    running.command(id_, actions.kill)
    ended = running.wait(id_)
    assert (ended.state, states(ended)["wd"]) == ("KILLED", "KILLED")
    assert left(running) == []


def test_the_next_process_does_it_again(tmp_path: Path, gate: Gate) -> None:
    with engine(tmp_path / "data") as running:
        id_ = running.start(*running.save(directory(FILES)))
        gate.wait()
    with engine(tmp_path / "data") as running:
        ended = running.wait(id_)
        assert states(ended) == {"wd": "SUCCESS", "r": "SUCCESS"}
        assert list(output(ended, "wd")["outputFiles"]) == ["a.txt"]  # type: ignore[call-overload]
        assert left(running) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("inputFiles: {../a: x}", {"wd": "FAILED"}),
        ("inputFiles: {../a: x}, allowFailure: true", {"wd": "WARNING"}),
        ("outputFiles: '{{ nobody.knows }}'", {"wd": "FAILED", "r": "SUCCESS"}),
    ],
    ids=["before", "tolerated", "after"],
)
def test_files_that_cannot_be_had_fail_the_task(running: Engine, more: str, expected: dict[str, str]) -> None:
    ended = running.run(directory(more))
    assert states(ended) == expected
    assert running.messages(ended.id, "ERROR")[0].startswith("ERROR wd: ")
    assert left(running) == []


def test_a_text_that_cannot_be_rendered_fails_the_only_attempt(running: Engine) -> None:
    ended = running.run(directory("inputFiles: {a: '{{ nope }}'}"))
    (run,) = ended.runs.values()
    assert (run.state, [attempt.state for attempt in run.attempts]) == ("FAILED", ["FAILED"])


def test_a_failed_task_keeps_its_state_and_its_files(running: Engine) -> None:
    ended = running.run(directory(FILES, f"{{id: bad, {FAIL}}}"))
    assert states(ended) == {"wd": "FAILED", "bad": "FAILED"}
    assert list(output(ended, "wd")["outputFiles"]) == ["a.txt"]  # type: ignore[call-overload]


def test_what_has_no_effect_on_a_group_does_not_reach_its_work(running: Engine) -> None:
    more = f"{FILES}, taskCache: {{enabled: true}}, logToFile: true"
    first, second = running.run(directory(more)), running.run(directory(more))
    assert output(first, "wd") != output(second, "wd")
    assert all(attempt.log_file is None for run in second.runs.values() for attempt in run.attempts)
