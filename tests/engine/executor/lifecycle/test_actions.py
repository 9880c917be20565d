"""What can be asked of an execution, with the real executor and store."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.executor import Gone
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.actions import BadInputs, BadRequest, WrongState
from flowctl.engine.executor.lifecycle.launching import Refused
from flowctl.engine.executor.lifecycle.replaying import replay
from flowctl.engine.executor.lifecycle.restarting import restart
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from tests.engine.running import Engine, flow, output, states

PAUSE = "io.kestra.plugin.core.flow.Pause"
RETURN = "type: io.kestra.plugin.core.debug.Return"
HOLD = f"  - {{id: hold, type: {PAUSE}}}\n  - {{id: after, {RETURN}, format: x}}\n"
FAIL = (
    f"  - {{id: one, {RETURN}, format: x}}\n"
    "  - {id: bad, type: io.kestra.plugin.core.execution.Fail, "
    'condition: "{{ taskrun.attemptsCount == 0 }}"}\n'
    f"  - {{id: after, {RETURN}, format: x}}\n"
)
SLEEP = "  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\n"


def history(execution: Execution) -> list[str]:
    return [state for state, _ in execution.history]


def test_resume_goes_on_with_inputs(running: Engine) -> None:
    text = (
        f"  - id: hold\n    type: {PAUSE}\n    onResume:\n      - {{id: note, type: STRING}}\n"
        f"      - {{id: n, type: INT, defaults: 7}}\n"
        f"  - id: after\n    {RETURN}\n"
        '    format: "{{ outputs.hold.onResume.note }} {{ outputs.hold.onResume.n }}"\n'
    )
    id_ = running.start(*running.save(flow(text)))
    running.wait_state(id_, "PAUSED")
    with pytest.raises(BadInputs, match="note"):
        running.command(id_, lambda performer: actions.resume(performer, {}))
    assert running.read(id_).state == "PAUSED"
    running.command(id_, lambda performer: actions.resume(performer, {"note": "hi"}))
    ended = running.wait(id_)
    assert output(ended, "after") == {"value": "hi 7"}
    assert history(ended) == ["CREATED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING", "SUCCESS"]


def test_what_is_not_paused_cannot_be_resumed(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n"))
    with pytest.raises(WrongState):
        running.command(ended.id, lambda performer: actions.resume(performer, {}))


def test_kill_of_a_paused_execution(running: Engine) -> None:
    id_ = running.start(*running.save(flow(HOLD)))
    running.wait_state(id_, "PAUSED")
    running.command(id_, actions.kill)
    ended = running.wait(id_)
    assert history(ended) == ["CREATED", "RUNNING", "PAUSED", "RESTARTED", "KILLING", "KILLED"]
    assert states(ended) == {"hold": "KILLED"}


def test_a_killed_execution_is_killed_whatever_its_outputs_lack(running: Engine) -> None:
    outputs = "outputs: [{id: o, type: STRING, value: '{{ outputs.after.value }}'}]\n"
    id_ = running.start(*running.save(flow(HOLD, outputs)))
    running.wait_state(id_, "PAUSED")
    running.command(id_, actions.kill)
    ended = running.wait(id_)
    assert history(ended)[-2:] == ["KILLING", "KILLED"]
    assert ended.outputs is None


def test_kill_runs_neither_errors_nor_finally(running: Engine) -> None:
    extra = f"errors:\n  - {{id: e, {RETURN}, format: x}}\nfinally:\n  - {{id: z, {RETURN}, format: x}}\n"
    id_ = running.start(*running.save(flow(SLEEP, extra)))
    running.wait(id_, lambda execution: bool(execution.runs))
    running.command(id_, actions.kill)
    assert states(running.wait(id_)) == {"nap": "KILLED"}


def test_kill_reaches_children(running: Engine) -> None:
    running.save(flow(SLEEP, id_="child"))
    call = "  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: child}\n"
    id_ = running.start(*running.save(flow(call)))
    parent = running.wait(id_, lambda execution: any("executionId" in run.outputs for run in execution.runs.values()))
    running.command(id_, actions.kill)
    assert running.wait(id_).state == "KILLED"
    child = str(output(parent, "call")["executionId"])
    assert running.wait(child).state == "KILLED"


def test_kill_of_an_ended_execution_changes_nothing(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n"))
    running.command(ended.id, actions.kill)
    assert history(running.wait(ended.id)) == history(ended)


def test_pause_and_resume_of_a_running_execution(running: Engine) -> None:
    nap = "  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\n"
    text = f"{nap}  - {{id: b, {RETURN}, format: x}}\n"
    id_ = running.start(*running.save(flow(text)))
    running.wait(id_, lambda execution: bool(execution.runs))
    running.command(id_, actions.pause)
    assert running.read(id_).state == "PAUSED"
    running.command(id_, lambda performer: actions.resume(performer, {}))
    running.an_hour_passes(id_)
    assert states(running.wait(id_)) == {"nap": "SUCCESS", "b": "SUCCESS"}


def test_restart_runs_only_what_failed(running: Engine) -> None:
    failed = running.run(flow(FAIL))
    assert states(failed) == {"one": "SUCCESS", "bad": "FAILED"}
    running.command(failed.id, restart)
    ended = running.wait(failed.id)
    assert states(ended) == {"one": "SUCCESS", "bad": "SUCCESS", "after": "SUCCESS"}
    attempts = {run.task_id: len(run.attempts) for run in ended.runs.values()}
    assert attempts == {"one": 1, "bad": 2, "after": 1}
    assert ("system.restarted", "true") in ended.labels
    assert ended.attempt_number == 2


def test_restart_takes_error_handlers_out(running: Engine) -> None:
    extra = f"errors:\n  - {{id: e, {RETURN}, format: x}}\nfinally:\n  - {{id: z, {RETURN}, format: x}}\n"
    failed = running.run(flow(FAIL, extra))
    assert {"e", "z"} <= set(states(failed))
    running.command(failed.id, restart)
    ended = running.wait(failed.id)
    assert list(states(ended)) == ["one", "bad", "after", "z"]
    assert ended.state == "SUCCESS"


def test_a_nested_failure_is_restarted_in_its_group(running: Engine) -> None:
    text = "  - id: g\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n" + "".join(
        "    " + line + "\n" for line in FAIL.splitlines()
    )
    failed = running.run(flow(text))
    assert states(failed)["g"] == "FAILED"
    running.command(failed.id, restart)
    ended = running.wait(failed.id)
    assert states(ended) == {"g": "SUCCESS", "one": "SUCCESS", "bad": "SUCCESS", "after": "SUCCESS"}


def test_a_success_cannot_be_restarted(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n"))
    with pytest.raises(WrongState, match="No task found to restart"):
        running.command(ended.id, restart)
    assert running.read(ended.id).history == ended.history


def test_replay_from_a_task_run_keeps_what_came_before(running: Engine) -> None:
    text = "".join(f"  - {{id: {name}, {RETURN}, format: {name}}}\n" for name in "abc")
    old = running.run(flow(text))
    second = next(run for run in old.runs.values() if run.task_id == "b")
    definition = running.executor.services.flows.latest("test.engine", "f").definition
    new = replay(old, definition, running.executor.services.clock(), second.id)
    running.store.write(lambda c: executions.insert(c, new)).result()
    running.executor.ready(new.id)
    ended = running.wait(new.id, lambda execution: execution.terminal)
    assert states(ended) == {"a": "SUCCESS", "b": "SUCCESS", "c": "SUCCESS"}
    assert set(ended.runs).isdisjoint(old.runs)
    assert (ended.parent_id, ended.original_id) == (old.id, old.original_id)
    assert {run.task_id: len(run.attempts) for run in ended.runs.values()} == {"a": 1, "b": 2, "c": 1}


def test_replay_from_an_unknown_task_run(running: Engine) -> None:
    old = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n"))
    definition = running.executor.services.flows.latest("test.engine", "f").definition
    with pytest.raises(BadRequest, match="No task found"):
        replay(old, definition, 0, "nope")


def test_change_status_and_labels(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n", "labels: {team: red}\n"))
    running.command(ended.id, lambda performer: actions.change_status(performer, "WARNING"))
    running.command(ended.id, lambda performer: actions.set_labels(performer, [("k", "v")]))
    changed = running.read(ended.id)
    assert changed.state == "WARNING"
    assert [key for key, _ in changed.labels] == ["k", "system.from", "system.correlationId"]
    with pytest.raises(BadRequest):
        running.command(ended.id, lambda performer: actions.change_status(performer, "RUNNING"))


def test_an_unknown_execution_is_gone(running: Engine) -> None:
    with pytest.raises(Gone):
        running.command("nope", actions.kill)


def test_queued_executions_go_first_come_first_served(running: Engine) -> None:
    key = running.save(flow(HOLD, "concurrency: {limit: 1}\n"))
    first, second, third = (running.start(*key) for _ in range(3))
    running.wait_state(first, "PAUSED")
    assert [running.read(id_).state for id_ in (second, third)] == ["QUEUED", "QUEUED"]
    running.command(first, lambda performer: actions.resume(performer, {}))
    running.wait_state(second, "PAUSED")
    assert running.read(third).state == "QUEUED"
    running.command(third, lambda performer: actions.unqueue(performer, "CANCELLED"))
    assert history(running.wait(third)) == ["CREATED", "QUEUED", "CANCELLED"]
    running.command(second, lambda performer: actions.resume(performer, {}))
    assert running.wait(second).state == "SUCCESS"


@pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_over_the_limit_an_execution_is_refused(running: Engine, behavior: str, state: str) -> None:
    key = running.save(flow(HOLD, f"concurrency: {{limit: 1, behavior: {behavior}}}\n"))
    first = running.start(*key)
    running.wait_state(first, "PAUSED")
    second = running.start(*key)
    assert history(running.wait(second)) == ["CREATED", state]
    reason = f"The flow's concurrency limit of 1 is reached, and its behavior is {behavior}"
    assert running.own_messages(second, "WARN") == [reason]


def test_an_execution_that_a_check_fails_has_its_message_in_the_log(running: Engine) -> None:
    check = '{when: "{{ false }}", message: not on Fridays, behavior: FAIL_EXECUTION}'
    ended = running.run(flow(f"  - {{id: one, {RETURN}, format: x}}\n", f"checks: [{check}]\n"))
    assert (ended.state, ended.runs) == ("FAILED", {})
    assert running.own_messages(ended.id, "ERROR") == ["Failed checks: not on Fridays"]


def test_a_check_that_cannot_be_evaluated_says_why(running: Engine) -> None:
    key = running.save(flow(f"  - {{id: one, {RETURN}, format: x}}\n", 'checks: [{when: "{{ ghost }}", message: m}]\n'))
    with pytest.raises(Refused, match=r"Failed to evaluate check condition\. Cause: Unable to find `ghost`"):
        running.start(*key)


@pytest.mark.parametrize(("cascade", "state"), [(True, "KILLED"), (False, "RUNNING")], ids=["cascade", "alone"])
def test_kill_and_the_executions_that_were_started(running: Engine, cascade: bool, state: str) -> None:
    running.save(flow(SLEEP, id_="child"))
    call = "type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: child"
    tasks = f"  - {{id: left, {call}, wait: false}}\n  - {{id: call, {call}}}\n"
    id_ = running.start(*running.save(flow(tasks)))
    running.wait(id_, lambda execution: len(execution.runs) == 2 and "executionId" in output(execution, "call"))
    running.command(id_, lambda performer: actions.kill(performer, children=cascade))
    ended = running.wait(id_)
    assert (ended.state, states(ended)) == ("KILLED", {"left": "SUCCESS", "call": "KILLED"})
    for name in ("left", "call"):
        child = running.wait_state(str(output(ended, name)["executionId"]), state)
        if state == "RUNNING":
            running.command(child.id, actions.kill)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_child_that_is_taken_out_of_its_queue_tells_its_end(running: Engine, state: str) -> None:
    running.save(flow(HOLD, "concurrency: {limit: 1}\n", id_="child"))
    running.wait_state(running.start("test.engine", "child"), "PAUSED")
    call = "  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: child}\n"
    id_ = running.start(*running.save(flow(call)))
    parent = running.wait(id_, lambda execution: any("executionId" in run.outputs for run in execution.runs.values()))
    child = str(output(parent, "call")["executionId"])
    running.wait_state(child, "QUEUED")
    running.command(child, lambda performer: actions.unqueue(performer, state))
    assert output(running.wait(id_), "call")["state"] == state


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ("type: io.kestra.plugin.core.execution.Exit, state: FAILED", "FAILED"),
        (f"type: {PAUSE}, pauseDuration: PT0.01S, behavior: CANCEL", "CANCELLED"),
        (
            "type: io.kestra.plugin.core.execution.Fail, "
            "retry: {type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}",
            "FAILED",
        ),
    ],
    ids=["exit", "pause", "retry"],
)
def test_after_the_execution_nothing_changes_its_state(running: Engine, task: str, state: str) -> None:
    extra = f"afterExecution:\n  - {{id: late, {task}}}\n  - {{id: later, {RETURN}, format: x}}\n"
    ended = running.run(flow(f"  - {{id: a, {RETURN}, format: x}}\n", extra))
    assert history(ended) == ["CREATED", "RUNNING", "SUCCESS"]
    assert states(ended)["later"] == "SUCCESS"
    assert states(ended)["late"] == state


def test_nothing_begins_in_a_group_that_its_parent_has_ended(running: Engine) -> None:
    fail = "{id: bad, type: io.kestra.plugin.core.execution.Fail}"
    inner = f"{{id: inner, type: io.kestra.plugin.core.flow.Sequential, tasks: [{{id: late, {RETURN}, format: x}}]}}"
    group = "io.kestra.plugin.core.flow.Parallel"
    ended = running.run(flow(f"  - {{id: g, type: {group}, tasks: [{fail}, {inner}]}}\n"))
    assert states(ended) == {"g": "FAILED", "bad": "FAILED", "inner": "FAILED"}


def test_a_command_on_what_is_deleted_at_this_moment_finds_nothing(running: Engine) -> None:
    failed = running.run(flow(FAIL))

    def late(performer: Performer) -> None:
        restart(performer)
        running.store.write(lambda connection: executions.delete(connection, failed)).result()

    with pytest.raises(Gone):
        running.command(failed.id, late)
