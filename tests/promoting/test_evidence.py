"""What executions say about a revision, and what a policy makes of it."""

from __future__ import annotations

from datetime import UTC, datetime

from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveFlow
from flowctl.promoting.evidence import evidence_of

LIVE = LiveFlow(FlowKey("s", "a"), 3, "d" * 64)


def execution(name: str, revision: int, state: str, end: str | None = None) -> dict[str, object]:
    return {
        "id": name,
        "namespace": "s",
        "flowId": "a",
        "flowRevision": revision,
        "state": {"current": state, "endDate": end},
    }


def test_only_executions_of_exactly_that_revision_count() -> None:
    found = evidence_of(
        LIVE,
        None,
        [
            execution("e1", 3, "SUCCESS", "2026-05-02T10:00:00Z"),
            execution("e2", 3, "FAILED"),
            execution("e3", 3, "WARNING"),
            execution("e4", 3, "RUNNING"),
            execution("e5", 2, "SUCCESS"),
            execution("e6", 4, "FAILED"),
            execution("e7", 3, "SUCCESS", "2026-05-03T10:00:00Z"),
        ],
    )
    assert (found.green, found.failed, found.other) == (2, 1, 2)
    assert found.last_green == datetime(2026, 5, 3, 10, tzinfo=UTC)
    assert found.examples == ("e1", "e7")
    assert found.failure_share == 1 / 3


def test_without_executions_nothing_failed_and_nothing_is_green() -> None:
    found = evidence_of(LIVE, None, [])
    assert (found.green, found.failure_share, found.last_green, found.examples) == (0, 0.0, None, ())


def test_a_state_of_another_shape_is_no_proof() -> None:
    odd = [execution("x", 3, "SUCCESS") | {"state": state} for state in (None, "SUCCESS")]
    found = evidence_of(LIVE, None, odd)
    assert (found.green, found.failed, found.other) == (0, 0, 2)


def test_executions_of_other_flows_do_not_count_where_a_server_ignores_the_filter() -> None:
    found = evidence_of(LIVE, None, [execution("x", 3, "SUCCESS") | {"flowId": "b"}])
    assert found.green == 0
