"""What runs and what is about to fire, asked of every kind of server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from flowctl.model.activity import Activity
from flowctl.model.environment import Dialect
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveTrigger
from flowctl.remote.client import HttpServer
from tests.remote.loopback import TOKEN, Running, running

NS = "dev"
FLOW = FlowKey(NS, "f")
OTHER = FlowKey(NS, "other")
WAYS: list[tuple[Dialect, bool]] = [("2.0", False), ("2.0", True), ("1.3", True)]
TRIGGERS = """
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 8 * * *"
"""


def source(id_: str) -> str:
    return f"id: {id_}\nnamespace: {NS}\ntasks:\n  - id: wait\n    type: io.kestra.plugin.core.flow.Pause\n"


Place = tuple[Running, HttpServer]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{'plain' if way[1] else 'own'}")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    dialect, plain = request.param
    with running(tmp_path_factory.mktemp("data"), dialect, works=True) as found:
        server = found.connect(found.environment(plain=plain), plain=plain)
        server.create_flow(FLOW, source("f") + TRIGGERS)
        server.create_flow(OTHER, source("other") + TRIGGERS)
        yield found, server
        server.close()


def start(found: Running, flow: FlowKey) -> None:
    url = f"{found.url}/api/v1/main/executions/{flow.namespace}/{flow.id}"
    httpx.post(url, headers={"Authorization": f"Bearer {TOKEN}"}, files={"x": b"x"}).raise_for_status()


@pytest.mark.parametrize("asked", [[FLOW], [FLOW, OTHER]])
def test_executions_that_are_not_at_their_end_are_counted(place: Place, asked: list[FlowKey]) -> None:
    found, server = place
    assert server.read_activity(asked).executions == {}
    start(found, FLOW)
    start(found, FLOW)
    start(found, OTHER)
    activity = server.read_activity(asked)
    assert set(activity.executions) == set(asked)
    assert sum(activity.counted(FLOW)) == 2


def test_triggers_are_told_of_the_flows_that_were_asked_for(place: Place) -> None:
    _, server = place
    activity = server.read_activity([OTHER])
    assert [(trigger.flow, trigger.trigger_id, trigger.polls) for trigger in activity.triggers] == [
        (OTHER, "daily", False)
    ]


def test_a_trigger_is_switched_off_and_on_and_its_flow_keeps_its_revision(place: Place) -> None:
    _, server = place
    assert server.switch_trigger(FLOW, "daily", off=True)
    assert [trigger.disabled for trigger in server.read_activity([FLOW]).triggers] == [True]
    assert server.switch_trigger(FLOW, "daily", off=False)
    assert [trigger.disabled for trigger in server.read_activity([FLOW]).triggers] == [False]
    flow = server.read_flow(FLOW)
    assert flow is not None and flow.revision == 1


def test_a_trigger_that_is_not_there_is_told(place: Place) -> None:
    _, server = place
    assert not server.switch_trigger(FLOW, "nightly", off=True)


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "changes", "said"),
    [
        (180, {}, "daily fires in 3 m"),
        (40, {}, "daily fires in 40 s"),
        (300, {}, "daily fires in 5 m"),
        (301, {}, ""),
        (0, {}, "daily fires now"),
        (-59, {}, "daily fires now"),
        (-61, {}, ""),
        (40, {"disabled": True}, ""),
        (40, {"polls": True}, ""),
        (40, {"backfill": True}, "daily backfills in 40 s"),
        (-72000, {"backfill": True}, "daily backfills now"),
        (-72000, {"backfill": True, "disabled": True}, ""),
    ],
)
def test_a_fire_within_the_window_keeps_a_flow_from_being_quiet(
    seconds: int, changes: dict[str, bool], said: str
) -> None:
    trigger = LiveTrigger(FLOW, "daily", **{"disabled": False, **changes}, next_date=NOW + timedelta(seconds=seconds))
    assert Activity(triggers=(trigger,)).busy(FLOW, NOW, timedelta(minutes=5)) == said


def test_everything_that_goes_on_is_named() -> None:
    trigger = LiveTrigger(FLOW, "daily", disabled=False, next_date=NOW)
    activity = Activity({FLOW: {"RUNNING": 1, "PAUSED": 1, "QUEUED": 3}}, (trigger,))
    assert activity.busy(FLOW, NOW, timedelta(0)) == "daily fires now, 2 running, 3 queued"
    assert activity.busy(OTHER, NOW, timedelta(0)) == ""
