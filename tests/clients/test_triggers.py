"""kestrapy's TriggersApi against the bundled server: backfills and many triggers at once."""

from __future__ import annotations

from typing import Any

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ConflictException, NotFoundException
from kestrapy.exceptions import UnprocessableEntityException as Unprocessable
from kestrapy.models.delete_triggers_by_query_request import DeleteTriggersByQueryRequest
from kestrapy.models.trigger_controller_set_disabled_request import TriggerControllerSetDisabledRequest

from tests.clients.talking import MAIN, source, where

SCHEDULES = """triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: monthly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 * *"}
"""
Ids = list[dict[str, str]]


@pytest.fixture
def ours(client: KestraClient, request: pytest.FixtureRequest) -> tuple[str, Ids]:
    """A namespace with two flows of two schedules each, and the names of their yearly ones."""
    namespace = "trig." + request.node.name.partition("[")[0].replace("_", "-")[:60]
    client.flows.bulk_update_flows(MAIN, delete=True, namespace=namespace)
    for flow in ("a", "b"):
        client.flows.create_flow(MAIN, source(flow, namespace, extra=SCHEDULES))
    return namespace, [{"namespace": namespace, "flowId": flow, "triggerId": "yearly"} for flow in ("a", "b")]


def found(client: KestraClient, namespace: str) -> dict[tuple[str, str], Any]:
    rows = client.triggers.search_triggers(MAIN, size=100, filters=where("namespace", namespace))["results"]
    return {(row["state"]["flowId"], row["state"]["triggerId"]): row["state"] for row in rows}


def test_triggers_are_paged_in_an_order(client: KestraClient, ours: tuple[str, Ids]) -> None:
    asked = where("namespace", ours[0])
    pages = [
        client.triggers.search_triggers(MAIN, page, 3, ["triggerId:desc", "flowId:asc"], asked)["results"]
        for page in (1, 2)
    ]
    names = [[(row["state"]["triggerId"], row["state"]["flowId"]) for row in page] for page in pages]
    assert names == [[("yearly", "a"), ("yearly", "b"), ("monthly", "a")], [("monthly", "b")]]
    one = client.triggers.search_triggers_for_flow(MAIN, ours[0], "a", page=2, size=1, sort=["triggerId:asc"])
    assert ([row["triggerId"] for row in one["results"]], one["total"]) == (["yearly"], 2)


def test_many_are_switched_off_and_on(client: KestraClient, ours: tuple[str, Ids]) -> None:
    namespace, ids = ours
    triggers, by_query = client.triggers, where("namespace", namespace)
    asked = TriggerControllerSetDisabledRequest(triggers=ids, disabled=True)
    assert triggers.disabled_triggers_by_ids(MAIN, asked)["totalItems"] == 2
    off = [key for key, state in found(client, namespace).items() if state["disabled"]]
    assert sorted(off) == [("a", "yearly"), ("b", "yearly")]
    assert triggers.disabled_triggers_by_query(MAIN, True, by_query)["totalItems"] == 4
    assert triggers.disabled_triggers_by_query(MAIN, False, by_query)["totalItems"] == 4
    assert not any(state["disabled"] for state in found(client, namespace).values())


def backfill(start: str = "1020-06-01T00:00:00Z", end: str = "2020-01-02T00:00:00Z") -> dict[str, Any]:
    return {
        "start": start,
        "end": end,
        "inputs": {"name": "then"},
        "labels": [{"key": "filled", "value": "back"}],
    }


def test_a_backfill_is_paused_goes_on_and_is_dropped(client: KestraClient, ours: tuple[str, Ids]) -> None:
    triggers, (_, ids) = client.triggers, ours
    made = triggers.create_backfill(MAIN, {**ids[0], "backfill": backfill()})
    assert made["backfill"]["start"].startswith("1020-06-01")
    with pytest.raises(ConflictException):
        triggers.create_backfill(MAIN, {**ids[0], "backfill": backfill()})
    assert triggers.pause_backfill(MAIN, ids[0])["backfill"]["paused"] is True
    assert triggers.unpause_backfill(MAIN, ids[0])["backfill"]["paused"] is False
    assert "backfill" not in triggers.delete_backfill(MAIN, ids[0])
    for ask in (triggers.pause_backfill, triggers.unpause_backfill, triggers.delete_backfill):
        with pytest.raises(ConflictException):
            ask(MAIN, ids[0])
        with pytest.raises(NotFoundException):
            ask(MAIN, {**ids[0], "triggerId": "nope"})
    for odd in (backfill(start="soon"), backfill("2020-03-01T00:00:00Z", "2020-04-01T00:00:00Z")):
        with pytest.raises(Unprocessable):
            triggers.create_backfill(MAIN, {**ids[0], "backfill": odd})


@pytest.mark.parametrize("how", ["ids", "query"])
def test_many_backfills_at_once(client: KestraClient, ours: tuple[str, Ids], how: str) -> None:
    namespace, ids = ours
    for one in ids:
        client.triggers.create_backfill(MAIN, {**one, "backfill": backfill()})

    def ask(name: str) -> int:
        method = getattr(client.triggers, f"{name}_by_{how}")
        return int(method(MAIN, ids if how == "ids" else where("namespace", namespace))["totalItems"])

    def paused() -> list[bool]:
        return [state["backfill"]["paused"] for state in found(client, namespace).values() if "backfill" in state]

    assert (ask("pause_backfill"), paused()) == (2, [True, True])
    assert (ask("unpause_backfill"), paused()) == (2, [False, False])
    assert (ask("delete_backfill"), paused()) == (2, [])
    assert ask("unlock_triggers") <= 2


def test_triggers_are_deleted_one_by_one_and_together(client: KestraClient, ours: tuple[str, Ids]) -> None:
    namespace, ids = ours
    triggers = client.triggers
    triggers.delete_trigger(MAIN, namespace, "a", "monthly")
    with pytest.raises(NotFoundException):
        triggers.delete_trigger(MAIN, namespace, "a", "monthly")
    assert triggers.delete_triggers_by_ids(MAIN, ids)["totalItems"] == 2
    assert set(found(client, namespace)) == {("b", "monthly")}
    asked = DeleteTriggersByQueryRequest(filters=where("namespace", namespace))
    assert triggers.delete_triggers_by_query(MAIN, asked)["totalItems"] == 1
    assert triggers.export_triggers(MAIN, where("namespace", namespace)).count("\n") == 1


def test_an_unlocked_trigger_cannot_be_unlocked(client: KestraClient, ours: tuple[str, Ids]) -> None:
    namespace, _ = ours
    with pytest.raises(ConflictException):
        client.triggers.unlock_trigger(MAIN, namespace, "a", "yearly")
    assert client.triggers.restart_trigger(MAIN, namespace, "a", "yearly")["triggerId"] == "yearly"
    for ask in (client.triggers.unlock_trigger, client.triggers.restart_trigger):
        with pytest.raises(NotFoundException):
            ask(MAIN, namespace, "a", "nope")
