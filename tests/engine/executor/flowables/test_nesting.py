"""Executions that wait for each other: a flow that calls itself comes to an end."""

from __future__ import annotations

from tests.engine.running import Engine, flow

SUBFLOW = "io.kestra.plugin.core.flow.Subflow"


def calling(more: str = "", within: str = "") -> str:
    call = f"{{id: again, type: {SUBFLOW}, namespace: test.engine, flowId: '{{{{ flow.id }}}}'{more}}}"
    if within:
        head = f"  - id: round\n    type: io.kestra.plugin.core.flow.{within}\n    values: [1]\n"
        return f"{head}    tasks:\n      - {call}\n"
    return f"  - {call}\n"


def total(running: Engine) -> int:
    return int(running.store.read(lambda c: c.execute("SELECT count(*) FROM executions").fetchone()[0]))


def reasons(running: Engine) -> list[str]:
    query = "SELECT message FROM logs WHERE message LIKE '%nested%'"
    return [row[0] for row in running.store.read(lambda c: c.execute(query).fetchall())]


def test_a_flow_that_calls_itself_ends_and_says_why(running: Engine) -> None:
    ended = running.run(flow(calling(), "concurrency: {limit: 1000}\n"))
    assert ended.state == "FAILED"
    assert total(running) == 100
    assert reasons(running) == ["executions that wait for each other are nested at most 100 deep"]


def test_it_does_so_through_the_iterations_of_a_loop(running: Engine) -> None:
    ended = running.run(flow(calling(within="Loop")))
    assert ended.state == "FAILED"
    assert total(running) == 100
    assert len(reasons(running)) == 1


def test_a_flow_that_starts_itself_anew_and_does_not_wait_may_do_so_for_ever(running: Engine) -> None:
    """Whoever wants that has one execution after the other, and none is open meanwhile."""
    first = running.run(flow(calling(", wait: false")))
    assert first.state == "SUCCESS"
    seen = running.store.read(lambda c: c.execute("SELECT id FROM executions").fetchall())
    running.executor.close()
    assert len(seen) >= 2
    assert reasons(running) == []
