"""kill -9 at every commit of some executions: what was acknowledged ends well, and nothing that reported runs twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from flowctl.engine.executor import advancing, executor
from flowctl.engine.executor.lifecycle.actions import resume
from flowctl.engine.executor.performer import Performer
from flowctl.engine.store import Store
from flowctl.engine.store.tables import steps
from tests.engine.running import engine, flow, output, states

CHILD = Path(__file__).parent / "crash_child.py"
COUNT = 3


def source(notes: Path) -> str:
    """In-process tasks, a group, a child process that leaves a note, and a value that shows the order."""
    return f"""
id: f
namespace: test.engine
inputs:
  - {{id: number, type: STRING}}
tasks:
  - {{id: first, type: io.kestra.plugin.core.debug.Return, format: "one {{{{ inputs.number }}}}"}}
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: note
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
        commands: ["echo {{{{ execution.id }}}} >> {notes}"]
      - {{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.01S}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    tasks:
      - {{id: item, type: io.kestra.plugin.core.debug.Return, format: "{{{{ item.value }}}}"}}
  - {{id: last, type: io.kestra.plugin.core.debug.Return, format: "{{{{ outputs.first.value }}}} done"}}
"""


@pytest.mark.parametrize("point", ["before-any-commit", "after-any-commit"])
@pytest.mark.parametrize("number", [2, 4, 5, 6, 8, 10, 13, 17])
def test_killed_at_a_commit_work_goes_on(point: str, number: int, tmp_path: Path) -> None:
    notes, text = tmp_path / "notes", tmp_path / "flow.yaml"
    text.write_text(source(notes))
    environ = {**os.environ, "FLOWCTL_TEST_FAULTS": "1", "FLOWCTL_FAULT": f"{point}:{number}"}
    arguments = [sys.executable, str(CHILD), str(tmp_path / "data"), str(text), str(COUNT)]
    killed = subprocess.run(arguments, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    acknowledged = killed.stdout.split()
    with engine(tmp_path / "data") as again:
        for id_ in acknowledged:
            found = again.wait(id_)
            assert found.state == "SUCCESS", (found.state, again.messages(id_))
            assert set(states(found)) == {"first", "both", "note", "nap", "loop", "last"}
            assert str(output(found, "last")["value"]).endswith("done")
            assert output(found, "loop") == {"iterationCount": 2, "runningIterations": 0, "terminatedIterations": 2}
            assert all(len(run.attempts) == 1 for run in found.runs.values())
    counted = Counter(notes.read_text().split()) if notes.exists() else Counter()
    assert all(1 <= counted[id_] <= 2 for id_ in acknowledged), counted


def test_a_finished_task_is_not_run_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    text = f"""
id: f
namespace: test.engine
tasks:
  - id: note
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["echo ran >> {notes}"]
  - {{id: hold, type: io.kestra.plugin.core.flow.Pause}}
  - {{id: last, type: io.kestra.plugin.core.debug.Return, format: x}}
"""
    with engine(tmp_path / "data") as first:
        id_ = first.start(*first.save(text))
        first.wait_state(id_, "PAUSED")
    with engine(tmp_path / "data") as second:
        second.command(id_, lambda performer: resume(performer, {}))
        assert second.wait(id_).state == "SUCCESS"
    assert notes.read_text() == "ran\n"


def test_a_timer_outlives_the_process(tmp_path: Path) -> None:
    text = flow("  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.3S}\n")
    with engine(tmp_path / "data") as first:
        id_ = first.start(*first.save(text))
        first.wait(id_, lambda execution: bool(execution.runs))
    with engine(tmp_path / "data") as second:
        assert second.wait(id_).state == "SUCCESS"


PAUSE = flow("  - {id: hold, type: io.kestra.plugin.core.flow.Pause}\n")


def test_an_event_that_comes_while_a_turn_is_recorded_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn did not see it and must not put the execution to sleep: a crash would leave it so for ever."""
    told: list[str] = []

    def interrupted(performer: Performer) -> None:
        advancing.advance(performer)
        if performer.turn.execution.state == "PAUSED" and not told:
            told.append(performer.turn.execution.id)
            event = {"type": "release"}
            performer.services.store.write(lambda connection: steps.tell(connection, told[0], event)).result()

    monkeypatch.setattr(executor, "advance", interrupted)
    with engine(tmp_path / "data") as running:
        id_ = running.start(*running.save(PAUSE))
        running.wait(id_, lambda execution: execution.state == "PAUSED" and not events_of(running.store, id_))
        assert told == [id_]


def events_of(store: Store, id_: str) -> int:
    return len(store.read(lambda connection: steps.events(connection, id_)))


def test_a_start_looks_at_whatever_has_an_event(tmp_path: Path) -> None:
    """As an earlier version may have left it."""
    with engine(tmp_path / "data") as running:
        id_ = running.start(*running.save(PAUSE))
        running.wait_state(id_, "PAUSED")
    store = Store.open(tmp_path / "data", environ={})
    store.write(lambda connection: steps.tell(connection, id_, {"type": "release"})).result()
    store.write(lambda connection: steps.advanced(connection, id_, steps.NEVER)).result()
    store.close()
    with engine(tmp_path / "data") as again:
        found = again.wait(id_, lambda _: not events_of(again.store, id_))
        assert (found.state, events_of(again.store, id_)) == ("PAUSED", 0)
