"""Pausing from outside, and killing without what was started, where a flow has Loops; with the real executor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.restarting import restart
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from tests.engine.running import Engine, flow, output, states

FLOW = "io.kestra.plugin.core.flow."
NAP = f"{{id: nap, type: {FLOW}Sleep, duration: PT1H}}"
HOUR = f"  - {{id: hour, type: {FLOW}Sleep, duration: PT1H}}\n"
AFTER = "{id: after, type: io.kestra.plugin.core.debug.Return, format: x}"
HOLD = f"{{id: hold, type: {FLOW}Pause}}"
CALL = f"{{id: call, type: {FLOW}Subflow, namespace: test.engine, flowId: child}}"


def loop(*tasks: str, values: str = "[a, b]") -> str:
    return f"  - {{id: each, type: {FLOW}Loop, values: {values}, tasks: [{', '.join(tasks)}]}}\n"


def resume(performer: Performer) -> None:
    actions.resume(performer, {})


def iteration(running: Engine, id_: str) -> str:
    """The id of the open iteration, once there is one."""
    running.wait(id_, lambda _: bool(_iterations(running, id_)))
    return _iterations(running, id_)[0]


def _iterations(running: Engine, id_: str) -> list[str]:
    return running.store.read(lambda connection: executions.open_iterations(connection, id_))


def began(execution: Execution) -> bool:
    return bool(execution.runs)


def all_iterations(running: Engine, id_: str) -> list[Execution]:
    query = "SELECT id FROM executions WHERE parent_id = ? AND kind = 'LOOP' ORDER BY created_us"
    ids = running.store.read(lambda connection: connection.execute(query, (id_,)).fetchall())
    return [running.read(row[0]) for row in ids]


def test_a_pause_holds_the_iterations_of_a_loop(running: Engine) -> None:
    id_ = running.start(*running.save(flow(loop(NAP, AFTER))))
    first = iteration(running, id_)
    running.wait(first, began)
    running.command(id_, actions.pause)
    running.wait_state(first, "PAUSED")
    running.an_hour_passes(first)
    held = running.wait(first, lambda execution: states(execution) == {"nap": "SUCCESS"})
    assert held.state == "PAUSED"
    assert len(all_iterations(running, id_)) == 1
    running.command(id_, resume)
    running.wait(first)
    second = iteration(running, id_)
    running.wait(second, began)
    running.an_hour_passes(second)
    assert running.wait(id_).state == "SUCCESS"
    assert [states(one) for one in all_iterations(running, id_)] == [{"nap": "SUCCESS", "after": "SUCCESS"}] * 2
    history = [state for state, _ in running.read(first).history]
    assert history == ["CREATED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING", "SUCCESS"]


def test_a_pause_holds_the_iterations_of_loops_in_loops(running: Engine) -> None:
    inner = f"{{id: inner, type: {FLOW}Loop, values: [x], tasks: [{NAP}, {AFTER}]}}"
    id_ = running.start(*running.save(flow(loop(inner, values="[a]"))))
    outer = iteration(running, id_)
    deep = iteration(running, outer)
    running.wait(deep, began)
    running.command(id_, actions.pause)
    running.wait_state(deep, "PAUSED")
    running.an_hour_passes(deep)
    running.wait(deep, lambda execution: states(execution) == {"nap": "SUCCESS"})
    assert running.read(deep).state == running.read(outer).state == "PAUSED"
    running.command(id_, resume)
    assert running.wait(id_).state == running.read(deep).state == "SUCCESS"


def test_an_iteration_that_waits_in_a_pause_of_its_own_still_waits_after_the_resume(running: Engine) -> None:
    id_ = running.start(*running.save(flow(loop(HOLD, AFTER, values="[a]"))))
    first = iteration(running, id_)
    running.wait_state(first, "PAUSED")
    running.command(id_, actions.pause)
    running.wait(first, lambda execution: execution.memo.get("paused") is True)
    running.command(id_, resume)
    still = running.wait(first, lambda execution: "paused" not in execution.memo)
    assert (still.state, states(still)) == ("PAUSED", {"hold": "PAUSED"})
    running.command(first, resume)
    assert running.wait(id_).state == "SUCCESS"


def test_a_subflow_that_runs_as_its_caller_is_paused_goes_on_to_its_end(running: Engine) -> None:
    running.save(flow(f"  - {NAP}\n  - {AFTER}\n", id_="child"))
    id_ = running.start(*running.save(flow(f"  - {CALL}\n  - {AFTER}\n")))
    parent = running.wait(id_, lambda execution: any(run.outputs for run in execution.runs.values()))
    running.command(id_, actions.pause)
    child = str(output(parent, "call")["executionId"])
    running.wait(child, began)
    running.an_hour_passes(child)
    assert running.wait(child).state == "SUCCESS"
    paused = running.wait(id_, lambda execution: states(execution) == {"call": "SUCCESS"})
    assert paused.state == "PAUSED"
    running.command(id_, resume)
    assert running.wait(id_).state == "SUCCESS"


def test_time_limits_are_kept_while_an_execution_is_paused(running: Engine) -> None:
    script = "type: io.kestra.plugin.scripts.shell.Commands, commands: [sleep 60], timeout: PT1H"
    process = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
    id_ = running.start(*running.save(flow(f"  - {{id: slow, {script}, {process}}}\n  - {AFTER}\n")))
    running.wait(id_, began)
    running.command(id_, actions.pause)
    running.an_hour_passes(id_)
    assert running.wait(id_, lambda execution: states(execution) == {"slow": "FAILED"}).state == "PAUSED"
    running.command(id_, resume)
    assert running.wait(id_).state == "FAILED"


@pytest.mark.parametrize(
    ("go", "state"),
    [(restart, "FAILED"), (lambda p: actions.change_task_run(p, _failed(p), "SUCCESS"), "SUCCESS")],
    ids=["restart", "mark"],
)
def test_a_paused_execution_that_is_changed_goes_on(
    running: Engine, go: Callable[[Performer], None], state: str
) -> None:
    nap = f"  - {{id: nap, type: {FLOW}Sleep, duration: PT2H, timeout: PT1H}}\n"
    id_ = running.start(*running.save(flow(f"{nap}  - {AFTER}\n")))
    running.wait(id_, began)
    running.command(id_, actions.pause)
    running.an_hour_passes(id_)
    running.wait(id_, lambda execution: states(execution)["nap"] == "FAILED")
    running.command(id_, go)
    running.wait(id_, lambda execution: states(execution)["nap"] in ("RUNNING", "SUCCESS"))
    running.an_hour_passes(id_)
    assert running.wait(id_).state == state


def _failed(performer: Performer) -> str:
    return next(run.id for run in performer.turn.execution.runs.values() if run.state == "FAILED")


def test_a_kill_without_cascade_leaves_what_iterations_have_started(running: Engine) -> None:
    running.save(flow(HOUR, id_="child"))
    id_ = running.start(*running.save(flow(loop(CALL, values="[a]"))))
    first = iteration(running, id_)
    caller = running.wait(first, lambda execution: any(run.outputs for run in execution.runs.values()))
    child = str(output(caller, "call")["executionId"])
    running.wait(child, began)
    running.command(id_, lambda performer: actions.kill(performer, children=False))
    assert running.wait(id_).state == running.wait(first).state == "KILLED"
    assert running.read(child).state == "RUNNING"
    running.command(child, actions.kill)
    running.wait(child)


def test_a_kill_reaches_what_iterations_have_started(running: Engine) -> None:
    running.save(flow(HOUR, id_="child"))
    id_ = running.start(*running.save(flow(loop(CALL, values="[a]"))))
    first = iteration(running, id_)
    caller = running.wait(first, lambda execution: any(run.outputs for run in execution.runs.values()))
    running.command(id_, actions.kill)
    assert running.wait(id_).state == "KILLED"
    assert running.wait(str(output(caller, "call")["executionId"])).state == "KILLED"
