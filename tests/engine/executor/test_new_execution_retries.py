"""`retry` with `behavior: CREATE_NEW_EXECUTION` (flow-language sheet, section 3.2)."""

from __future__ import annotations

from flowctl.engine.executor.records import Execution
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
