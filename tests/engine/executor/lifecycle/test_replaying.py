"""Replays from a task run inside of groups, with the real executor and store."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.lifecycle.replaying import replay
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from tests.engine.running import Engine, flow, output, states

FLOW = "type: io.kestra.plugin.core.flow."
RETURN = "type: io.kestra.plugin.core.debug.Return"
SHELL = "type: io.kestra.plugin.scripts.shell.Commands, taskRunner: {type: io.kestra.plugin.core.runner.Process}"


def replayed(running: Engine, old: Execution, task_id: str) -> Execution:
    """The end of a replay from a task."""
    definition = running.executor.services.flows.latest("test.engine", "f").definition
    start = next(run for run in old.runs.values() if run.task_id == task_id)
    new = replay(old, definition, running.executor.services.clock(), start.id)
    running.store.write(lambda connection: executions.insert(connection, new)).result()
    running.executor.ready(new.id)
    return running.wait(new.id, lambda execution: execution.terminal)


def again(old: Execution, new: Execution) -> set[str]:
    """The tasks that ran again: their runs began after the old execution had ended."""
    return {run.task_id for run in new.runs.values() if run.history[-1][1] > old.history[-1][1]}


@pytest.mark.parametrize(
    ("task", "ran"),
    [
        ("s1", {"p", "s1", "a", "b", "z", "after"}),
        ("b", {"p", "s1", "b", "z", "after"}),
        ("d", {"p", "d", "z", "after"}),
        ("z", {"p", "z", "after"}),
    ],
)
def test_what_runs_beside_is_kept(running: Engine, task: str, ran: set[str]) -> None:
    source = flow(
        f"  - id: p\n    {FLOW}Parallel\n    tasks:\n      - id: s1\n        {FLOW}Sequential\n        tasks:\n"
        f"          - {{id: a, {RETURN}, format: x}}\n          - {{id: b, {RETURN}, format: y}}\n"
        f"      - {{id: d, {RETURN}, format: x}}\n    finally: [{{id: z, {RETURN}, format: x}}]\n"
        f"  - {{id: after, {RETURN}, format: '{{{{ outputs.b.value }}}} {{{{ outputs.d.value }}}}'}}\n"
    )
    old = running.run(source)
    new = replayed(running, old, task)
    assert output(new, "after") == {"value": "y x"}
    assert again(old, new) == ran


@pytest.mark.parametrize(("task", "ran"), [("a", {"g", "a", "b", "c"}), ("b", {"g", "b", "c"}), ("d", {"g", "d"})])
def test_what_a_member_of_a_dag_waits_for_is_kept(running: Engine, task: str, ran: set[str]) -> None:
    needs = {"a": "", "b": ", dependsOn: [a]", "c": ", dependsOn: [b]", "d": ""}
    members = "".join(f"      - {{task: {{id: {name}, {RETURN}, format: x}}{more}}}\n" for name, more in needs.items())
    old = running.run(flow(f"  - id: g\n    {FLOW}Dag\n    tasks:\n{members}"))
    new = replayed(running, old, task)
    assert set(states(new).values()) == {"SUCCESS"}
    assert again(old, new) == ran


def test_a_failed_member_runs_again_with_the_one_beside_it(running: Engine) -> None:
    when = "{{ kv('seen', errorOnMissing=false) != 'x' }}"
    bad = f'{{id: bad, type: io.kestra.plugin.core.execution.Fail, runIf: "{when}"}}'
    note = "errors: [{id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}]\n"
    old = running.run(flow(f"  - {{id: p, {FLOW}Parallel, tasks: [{bad}, {{id: d, {RETURN}, format: x}}]}}\n", note))
    assert old.state == "FAILED"
    new = replayed(running, old, "d")
    assert states(new) == {"p": "SUCCESS", "bad": "SKIPPED", "d": "SUCCESS"}


@pytest.mark.parametrize("task", ["wd", "first", "second"])
def test_a_working_directory_is_replayed_as_a_whole(running: Engine, task: str) -> None:
    source = flow(
        f"  - id: wd\n    {FLOW}WorkingDirectory\n    inputFiles: {{a.txt: x}}\n    tasks:\n"
        f"      - {{id: first, {SHELL}, commands: ['cat a.txt > b.txt']}}\n"
        f"      - {{id: second, {SHELL}, commands: ['cat b.txt']}}\n"
    )
    old = running.run(source)
    new = replayed(running, old, task)
    assert states(new) == {"wd": "SUCCESS", "first": "SUCCESS", "second": "SUCCESS"}
    assert again(old, new) == {"wd", "first", "second"}


def test_rounds_are_counted_anew(running: Engine) -> None:
    source = flow(
        f"  - id: u\n    {FLOW}LoopUntil\n    condition: \"{{{{ outputs.r.value == '2' }}}}\"\n"
        "    checkFrequency: {interval: PT0.01S}\n"
        f"    tasks: [{{id: r, {RETURN}, format: '{{{{ outputs.u.iterationCount }}}}'}}]\n"
    )
    old = running.run(source)
    new = replayed(running, old, "u")
    assert [state for state, _ in next(iter(new.runs.values())).history].count("PAUSED") == 2
    assert output(new, "u") == {"iterationCount": 2}


def test_a_task_after_the_execution_waits_for_its_end(running: Engine) -> None:
    late = (
        f"afterExecution:\n  - id: g\n    {FLOW}Parallel\n    tasks:\n      - {{id: a, {RETURN}, format: x}}\n"
        "      - {id: b, type: io.kestra.plugin.core.execution.Fail,"
        " retry: {type: constant, interval: PT0.01S, maxAttempts: 2}}\n"
    )
    fails = "  - {id: bad, type: io.kestra.plugin.core.execution.Fail}\n"
    old = running.run(flow(fails, late))
    running.wait(replayed(running, old, "g").id, lambda execution: states(execution).get("g") == "FAILED")
    definition = running.executor.services.flows.latest("test.engine", "f").definition
    assert {node.id for node in definition.after} == {"g"}
    query = "SELECT id FROM executions WHERE parent_id = ?"
    rows = running.store.read(lambda connection: connection.execute(query, (old.id,)).fetchall())
    new = running.read(rows[0][0])
    assert new.state == "FAILED"
    assert states(new) == {"bad": "FAILED", "g": "FAILED", "a": "SUCCESS", "b": "FAILED"}


def test_an_iteration_of_a_loop_is_replayed_with_its_execution_alone(running: Engine) -> None:
    task = "{id: r, type: io.kestra.plugin.core.debug.Return, format: x}"
    whole = running.run(
        flow(f"  - {{id: each, type: io.kestra.plugin.core.flow.Loop, values: [a], tasks: [{task}]}}\n")
    )
    (id_,) = running.store.read(lambda c: c.execute("SELECT id FROM executions WHERE kind = 'LOOP'").fetchone())
    definition = running.executor.services.flows.latest(whole.namespace, whole.flow_id).definition
    with pytest.raises(WrongState, match=whole.id):
        replay(running.read(id_), definition, 0, None)
