"""kestrapy's filters against the bundled server: every field, operation and group that a listing takes."""

from __future__ import annotations

from typing import Any

import pytest
from kestrapy import KestraClient
from kestrapy.models.query_filter_field import QueryFilterField as Field
from kestrapy.query import and_, eq, in_, not_in, or_, prefix
from kestrapy.query import where as all_of

from tests.clients.talking import MAIN, source, where

FLOWS = (("one", "filt.a", "data"), ("two", "filt.a", "ops"), ("three", "filt.a.b", "data"), ("four", "filt.ab", "x,y"))
TRIGGERS = """triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: monthly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 * *", disabled: true}
"""
ONE_OR_FOUR = or_(eq(Field.FLOW_ID, "one"), eq(Field.FLOW_ID, "four"))


@pytest.fixture(scope="module")
def filled(client: KestraClient) -> KestraClient:
    """A server with four flows and one execution of each."""
    for name, namespace, team in FLOWS:
        text = source(name, namespace, extra=TRIGGERS if name in ("one", "four") else "")
        client.flows.create_flow(MAIN, text.replace("team: data", f"team: '{team}'"))
        client.executions.create_execution(MAIN, namespace, name, wait=True)
    return client


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


def test_a_group_names_what_a_bulk_operation_touches(filled: KestraClient) -> None:
    assert filled.flows.disable_flows_by_query(MAIN, all_of(ONE_OR_FOUR)).count == 2
    assert filled.flows.enable_flows_by_query(MAIN, all_of(ONE_OR_FOUR)).count == 2
    assert filled.triggers.disabled_triggers_by_query(MAIN, True, all_of(ONE_OR_FOUR))["totalItems"] == 4
    replayed = filled.executions.replay_executions_by_query(MAIN, all_of(ONE_OR_FOUR))
    assert replayed["totalItems"] == 2
