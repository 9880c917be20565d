"""kestrapy's filters against the bundled server: every field, operation and group that a listing takes."""

from __future__ import annotations

from typing import Any

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import UnprocessableEntityException
from kestrapy.models.query_filter import QueryFilter
from kestrapy.models.query_filter_field import QueryFilterField as Field
from kestrapy.query import and_, eq, in_, not_in, or_, prefix
from kestrapy.query import where as all_of

from tests.clients.talking import FUTURE, MAIN, ONE_OR_FOUR, PAST, where

FOUND: list[tuple[str, Any, set[str]]] = [
    ("equals", eq(Field.NAMESPACE, "filt.a"), {"one", "two"}),
    ("not equals", where("namespace", "filt.a", "NOT_EQUALS"), {"three", "four"}),
    ("contains", where("flowId", "o", "CONTAINS"), {"one", "two", "four"}),
    ("starts with", where("namespace", "filt.a", "STARTS_WITH"), {"one", "two", "three", "four"}),
    ("ends with", where("namespace", ".b", "ENDS_WITH"), {"three"}),
    ("regex", where("flowId", "t.*", "REGEX"), {"two", "three"}),
    ("in", in_(Field.FLOW_ID, ["one", "four"]), {"one", "four"}),
    ("not in", not_in(Field.FLOW_ID, ["one", "four"]), {"two", "three"}),
    ("prefix", prefix(Field.NAMESPACE, "filt.a"), {"one", "two", "three"}),
    ("text", where("q", "thr"), {"three"}),
    ("scope", where("scope", ["USER"]), {"one", "two", "three", "four"}),
    ("label", eq(Field.LABELS, {"team": "data"}), {"one", "three"}),
    ("label with a comma", eq(Field.LABELS, {"team": "x,y"}), {"four"}),
    ("one of two", all_of(ONE_OR_FOUR), {"one", "four"}),
    ("both and one of two", all_of(and_(prefix(Field.NAMESPACE, "filt.a"), ONE_OR_FOUR)), {"one"}),
    (
        "one of two pairs",
        all_of(or_(and_(eq(Field.NAMESPACE, "filt.a"), eq(Field.FLOW_ID, "two")), eq(Field.NAMESPACE, "filt.ab"))),
        {"two", "four"},
    ),
    ("label or id", all_of(or_(eq(Field.LABELS, {"team": "ops"}), eq(Field.FLOW_ID, "one"))), {"one", "two"}),
]


@pytest.mark.parametrize(("filters", "found"), [item[1:] for item in FOUND], ids=[item[0] for item in FOUND])
def test_flows_and_executions_are_found_alike(filled: KestraClient, filters: Any, found: set[str]) -> None:
    asked = filters if isinstance(filters, list) else [filters]
    flows = filled.flows.search_flows(MAIN, size=100, filters=asked)
    assert ({flow.id for flow in flows.results}, flows.total) == (found, len(found))
    executions = filled.executions.search_executions(MAIN, size=100, filters=asked)
    assert ({row["flowId"] for row in executions["results"]}, executions["total"]) == (found, len(found))


def test_groups_choose_triggers_logs_and_keys(filled: KestraClient) -> None:
    triggers = filled.triggers.search_triggers(MAIN, filters=all_of(ONE_OR_FOUR))
    assert triggers["total"] == 4
    found = filled.logs.search_logs(MAIN, size=100, filters=all_of(and_(eq(Field.TASK_ID, "hello"), ONE_OR_FOUR)))
    assert {line.flow_id for line in found.results} == {"one", "four"}
    for namespace in ("filt.a", "filt.b", "filt.c"):
        filled.kv.set_key_value(namespace, "key", MAIN, "1")
    keys = filled.kv.list_all_keys(
        MAIN, filters=all_of(or_(eq(Field.NAMESPACE, "filt.a"), eq(Field.NAMESPACE, "filt.c")))
    )
    assert {entry.namespace for entry in keys.results} == {"filt.a", "filt.c"}


OPERATIONS = [
    ("GREATER_THAN", PAST, True),
    ("GREATER_THAN", FUTURE, False),
    ("GREATER_THAN_OR_EQUAL_TO", PAST, True),
    ("LESS_THAN", PAST, False),
    ("LESS_THAN", FUTURE, True),
    ("LESS_THAN_OR_EQUAL_TO", PAST, False),
    ("EQUALS", PAST, False),
    ("NOT_EQUALS", PAST, True),
]


@pytest.mark.parametrize(("operation", "moment", "all_found"), OPERATIONS)
@pytest.mark.parametrize("field", ["startDate", "endDate"])
def test_dates_are_compared_as_asked(
    filled: KestraClient, field: str, operation: str, moment: str, all_found: bool
) -> None:
    asked = where(field, moment, operation)
    flows = where("namespace", "filt", "PREFIX")
    executions = filled.executions.search_executions(MAIN, filters=asked + flows)["total"]
    lines = filled.logs.search_logs(MAIN, filters=asked + flows).total
    triggers = filled.triggers.search_triggers(MAIN, filters=asked)["total"]
    assert (executions > 0, lines > 0, triggers > 0) == (all_found, all_found, all_found)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (where("timeRange", "PT10M"), True),
        (where("timeRange", "PT10M", "NOT_EQUALS"), False),
        (where("kind", ["NORMAL", "TEST"], "IN"), True),
        (where("kind", "NORMAL", "NOT_EQUALS"), False),
        (where("state", ["FAILED", "KILLED"], "NOT_IN"), True),
        (where("state", "SUCCESS", "NOT_EQUALS"), False),
        (where("flowRevision", [1, 2], "IN"), True),
        (where("flowRevision", [1, 2], "NOT_IN"), False),
        (where("childFilter", "MAIN"), True),
        (where("childFilter", "MAIN", "NOT_EQUALS"), False),
        (where("triggerExecutionId", "nope"), False),
        (where("labels", {"team": "da"}, "CONTAINS"), True),
    ],
)
def test_executions_by_their_own_fields(filled: KestraClient, filters: list[QueryFilter], found: bool) -> None:
    asked = filters + where("flowId", "three")
    assert (filled.executions.search_executions(MAIN, filters=asked)["total"] > 0) is found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (where("level", "INFO"), True),
        (where("level", "WARN"), False),
        (where("level", "WARN", "NOT_EQUALS"), True),
        (where("attemptNumber", 0), True),
        (where("attemptNumber", 0, "NOT_EQUALS"), False),
        (where("taskId", ["hello", "other"], "IN"), True),
        (where("timeRange", "PT10M"), True),
        (where("timeRange", "PT10M", "NOT_EQUALS"), False),
        (where("scope", "USER"), True),
        (where("scope", "SYSTEM"), False),
        (where("q", "HELLO"), True),
    ],
)
def test_lines_of_the_log_by_their_own_fields(filled: KestraClient, filters: list[QueryFilter], found: bool) -> None:
    asked = filters + where("flowId", "three") + where("taskId", "hello")
    assert (filled.logs.search_logs(MAIN, filters=asked).total > 0) is found


@pytest.mark.parametrize("field", ["state", "STATE"])
def test_values_in_use_by_a_field_or_its_constant(filled: KestraClient, field: str) -> None:
    assert filled.executions.find_distinct_execution_field_values(MAIN, field, where("flowId", "three")) == ["SUCCESS"]
    found = filled.executions.find_distinct_execution_field_values(MAIN, "FLOW_ID", where("namespace", "filt.a"))
    assert found == ["one", "two"]


@pytest.mark.parametrize(
    "filters",
    [
        where("flowRevision", "x"),
        where("flowRevision", ["1", "x"], "IN"),
        where("childFilter", "OTHER"),
        where("timeRange", "P1Y"),
        where("startDate", "soon", "GREATER_THAN"),
        where("state", "SUCCESS", "CONTAINS"),
    ],
)
def test_filters_that_cannot_be_are_refused(client: KestraClient, filters: list[QueryFilter]) -> None:
    with pytest.raises(UnprocessableEntityException):
        client.executions.search_executions(MAIN, filters=filters)
