"""`retry` with `behavior: CREATE_NEW_EXECUTION`."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.records.records import Execution
from tests.engine.running import Engine, flow, output, states

RETRY = "retry: {type: constant, interval: PT0.05S, maxAttempts: %d, behavior: CREATE_NEW_EXECUTION}"
FAIL = "  - {id: bad, type: io.kestra.plugin.core.execution.Fail, " + RETRY + "}\n"
FAIL_ONCE = (
    "  - id: bad\n    type: io.kestra.plugin.core.execution.Fail\n"
    '    condition: "{{ execution.id == execution.originalId }}"\n    ' + RETRY + "\n"
)


def successor(running: Engine, of: Execution) -> Execution:
    """The execution that retries another one."""
    query = "SELECT id FROM executions WHERE parent_id = ?"
    row = running.store.read(lambda connection: connection.execute(query, (of.id,)).fetchone())
    return running.wait(row[0])


def test_a_failed_execution_is_retried_by_a_new_one(running: Engine) -> None:
    extra = "afterExecution:\n  - {id: z, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    first = running.run(flow(FAIL_ONCE % 3, extra))
    assert (first.state, states(first)) == ("RETRIED", {"bad": "RETRIED"})
    second = successor(running, first)
    assert (second.state, states(second)) == ("SUCCESS", {"bad": "SUCCESS", "z": "SUCCESS"})
    assert (second.original_id, second.attempt_number) == (first.id, 2)
    assert ("system.replay", "true") in second.labels


def test_the_attempts_of_all_executions_count(running: Engine) -> None:
    first = running.run(flow(FAIL % 2))
    second = successor(running, first)
    assert (first.state, second.state) == ("RETRIED", "FAILED")


def test_a_parent_waits_for_the_new_execution(running: Engine) -> None:
    running.save(flow(FAIL_ONCE % 3, id_="child"))
    call = "  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: child}\n"
    parent = running.run(flow(call))
    assert parent.state == "SUCCESS"
    child = running.read(str(output(parent, "call")["executionId"]))
    assert (child.state, child.attempt_number) == ("SUCCESS", 2)


LOOP = "type: io.kestra.plugin.core.flow.Loop"
ONCE = (
    "{id: was, type: io.kestra.plugin.core.debug.Return, format: \"{{ kv('seen', errorOnMissing=false) ?? 'no' }}\"}, "
    "{id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}, "
    "{id: bad, type: io.kestra.plugin.core.execution.Fail, runIf: \"{{ outputs.was.value == 'no' }}\"}"
)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_failure_in_an_iteration_is_retried_by_the_whole_flow(running: Engine, depth: int) -> None:
    tasks = f"[{ONCE}]"
    for level in range(depth):
        tasks = f"[{{id: loop{level}, {LOOP}, values: [a], tasks: {tasks}}}]"
    first = running.run(flow(f"  - {tasks[1:-1]}\n", RETRY % 2 + "\n"))
    assert first.state == "RETRIED"
    query = "SELECT id FROM executions WHERE parent_id = ? AND kind IS NULL"
    row = running.store.read(lambda connection: connection.execute(query, (first.id,)).fetchone())
    second = running.wait(row[0])
    assert (second.state, second.attempt_number) == ("SUCCESS", 2)
    assert states(second) == {f"loop{depth - 1}": "SUCCESS"}


def test_an_iteration_stops_the_others_when_the_flow_is_retried(running: Engine) -> None:
    bad = "{id: bad, type: io.kestra.plugin.core.execution.Fail, runIf: \"{{ item.value == 'b' }}\"}"
    nap = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}"
    first = running.run(
        flow(
            f"  - {{id: loop, {LOOP}, values: [a, b], concurrencyLimit: 0, tasks: [{bad}, {nap}]}}\n", RETRY % 2 + "\n"
        )
    )
    assert first.state == "RETRIED"
    query = "SELECT id FROM executions WHERE parent_id = ? AND kind = 'LOOP'"
    rows = running.store.read(lambda connection: connection.execute(query, (first.id,)).fetchall())
    assert sorted(running.wait(id_).state for (id_,) in rows) == ["KILLED", "RETRIED"]


def test_exhausted_in_an_iteration_it_fails_the_loop(running: Engine) -> None:
    first = running.run(flow(f"  - {{id: loop, {LOOP}, values: [a], tasks: [{(FAIL % 1).strip()[2:]}]}}\n"))
    assert (first.state, states(first)) == ("FAILED", {"loop": "FAILED"})


def test_a_batch_whose_child_was_retried_keeps_its_place(running: Engine) -> None:
    when = '"{{ inputs.n == 1 and execution.id == execution.originalId }}"'
    bad = f"  - id: bad\n    type: io.kestra.plugin.core.execution.Fail\n    runIf: {when}\n    {RETRY % 2}\n"
    declared = (
        "inputs: [{id: part, type: FILE}, {id: n, type: INT}]\n"
        "outputs: [{id: got, type: STRING, value: '{{ read(inputs.part) | trim }}'}]\n"
    )
    running.save(flow(bad, declared, id_="child"))
    given = "inputs: {part: '{{ taskrun.items }}', n: '{{ taskrun.iteration }}'}"
    ended = running.run(
        flow(
            '  - {id: w, type: io.kestra.plugin.core.storage.Write, content: "a\\nb\\nc\\n"}\n'
            "  - {id: all, type: io.kestra.plugin.core.flow.ForEachItem, items: '{{ outputs.w.uri }}',"
            f" namespace: test.engine, flowId: child, {given}}}\n"
            "  - {id: show, type: io.kestra.plugin.core.debug.Return,"
            " format: '{{ read(outputs.all_merge.subflowOutputs) }}'}\n"
        )
    )
    assert output(ended, "show") == {"value": '{got:"a"}\n{got:"b"}\n{got:"c"}\n'}
