"""kestrapy's filters where something changes: bulk operations, and triggers of flows that are saved meanwhile."""

from __future__ import annotations

import pytest
from kestrapy import KestraClient
from kestrapy.models.query_filter import QueryFilter
from kestrapy.query import where as all_of

from tests.clients.talking import MAIN, ONE_OR_FOUR, PAST, TRIGGERS, source, where


def test_a_group_names_what_a_bulk_operation_touches(filled: KestraClient) -> None:
    assert filled.flows.disable_flows_by_query(MAIN, all_of(ONE_OR_FOUR)).count == 2
    assert filled.flows.enable_flows_by_query(MAIN, all_of(ONE_OR_FOUR)).count == 2
    assert filled.triggers.disabled_triggers_by_query(MAIN, True, all_of(ONE_OR_FOUR))["totalItems"] == 4
    replayed = filled.executions.replay_executions_by_query(MAIN, all_of(ONE_OR_FOUR))
    assert replayed["totalItems"] == 2


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (where("triggerState", "DISABLED"), 1),
        (where("triggerState", "ENABLED"), 1),
        (where("locked", True), 0),
        (where("locked", False), 2),
        (where("nextExecutionDate", PAST, "GREATER_THAN"), 2),
        (where("lastTriggeredDate", PAST, "GREATER_THAN"), 0),
        (where("triggerId", ["yearly", "monthly"], "IN"), 2),
        (where("workerId", "nobody"), 0),
    ],
)
def test_triggers_by_their_own_fields(client: KestraClient, filters: list[QueryFilter], found: int) -> None:
    client.flows.update_flows_in_namespace("filt.t", MAIN, source("t", "filt.t", extra=TRIGGERS))
    asked = filters + where("namespace", "filt.t")
    assert client.triggers.search_triggers(MAIN, filters=asked)["total"] == found


def test_the_dates_that_triggers_are_chosen_by(client: KestraClient) -> None:
    client.flows.update_flows_in_namespace("filt.t", MAIN, source("t", "filt.t", extra=TRIGGERS))
    asked = where("startDate", PAST, "GREATER_THAN") + where("namespace", "filt.t")
    found = [
        client.triggers.search_triggers(MAIN, filters=asked, date_filter=about)["total"]
        for about in ("NEXT_EXECUTION_DATE", "LAST_TRIGGERED_DATE")
    ]
    assert found == [2, 0]
    sorted_ = client.triggers.search_triggers(MAIN, filters=asked, sort=["lastTriggeredDate:asc", "triggerId:asc"])
    assert [row["trigger"]["id"] for row in sorted_["results"]] == ["monthly", "yearly"]
    of_flow = client.triggers.search_triggers_for_flow(MAIN, "filt.t", "t", q="YEAR", sort=["triggerId:asc"])
    assert ([row["triggerId"] for row in of_flow["results"]], of_flow["total"]) == (["yearly"], 1)
