"""Where several properties of a trigger meet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from flowctl.engine.scheduler import backfills, rows
from flowctl.engine.scheduler.schedules import Schedules
from flowctl.engine.store.tables import flows, triggers
from flowctl.engine.store.tables.flow_rows import NewFlow
from tests.engine.scheduler.conftest import HOURLY, START, World, flow
from tests.engine.scheduler.test_flow_triggers import (
    ELEVEN,
    OTHER,
    SOURCE,
    TWELVE,
    depends,
    listening,
    started,
)

KEY = ("t", "f", "s")
PAUSE = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
DAY = timedelta(days=1)


def hours(world: World) -> list[str]:
    return [date[11:13] for date in world.dates()]


def disabled(world: World) -> object:
    return world.store.read(lambda c: c.execute("SELECT disabled FROM triggers").fetchone()[0])


def test_stop_after_counts_where_the_trigger_does_not_wait(world: World) -> None:
    fail = "  - id: no\n    type: io.kestra.plugin.core.execution.Fail\n"
    world.save(flow(HOURLY + "    allowConcurrent: true\n    stopAfter: [FAILED]\n", tasks=fail))
    world.at(ELEVEN)
    world.at(TWELVE)
    assert [one.state for one in world.executions()] == ["FAILED"]
    assert disabled(world) == 1


def test_stop_after_other_states_goes_on(world: World) -> None:
    world.save(flow(HOURLY + "    allowConcurrent: true\n    stopAfter: [FAILED]\n"))
    world.at(ELEVEN)
    world.at(TWELVE)
    assert hours(world) == ["11", "12"]
    assert disabled(world) == 0


@pytest.mark.parametrize(("recover", "expected"), [("ALL", "111213"), ("LAST", "13"), ("NONE", "")])
def test_missed_dates_after_a_downtime(world: World, recover: str, expected: str) -> None:
    world.save(flow(HOURLY + f"    recoverMissedSchedules: {recover}\n"))
    world.now = START + timedelta(hours=3, minutes=5)
    world.schedules = Schedules(world.executor, world.now)
    world.at(world.now)
    assert "".join(hours(world)) == expected
    world.at(START + timedelta(hours=4))
    assert hours(world)[-1] == "14"


def test_of_the_missed_dates_only_those_count_that_are_not_too_late(world: World) -> None:
    world.save(flow(HOURLY + "    lateMaximumDelay: PT90M\n"))
    world.now = START + timedelta(hours=5, minutes=10)
    world.schedules = Schedules(world.executor, world.now)
    world.at(world.now)
    assert hours(world) == ["14", "15"]


def test_the_dates_before_and_after_obey_the_conditions(world: World) -> None:
    even = '    when: "{{ [10, 12, 14] contains hourOfDay(trigger.date) }}"\n'
    world.save(flow(HOURLY + even))
    world.at(ELEVEN)
    world.at(TWELVE)
    [one] = world.executions()
    variables = (one.trigger or {})["variables"]
    assert {name: str(value)[11:13] for name, value in variables.items()} == {  # type: ignore[attr-defined]
        "date": "12",
        "next": "14",
        "previous": "10",
    }


def test_labels_and_inputs_of_a_trigger_are_rendered(world: World) -> None:
    body = "    labels:\n      hour: '{{ trigger.date | date(\"HH\") }}'\n    inputs:\n      n: '{{ 1 + 2 }}'\n"
    world.save(flow(HOURLY + body, extra="inputs:\n  - id: n\n    type: INT\nlabels:\n  team: red\n"))
    world.at(ELEVEN)
    [one] = world.executions()
    assert one.inputs == {"n": 3}
    labels = dict(one.labels)
    assert (labels["hour"], labels["team"], labels["system.from"]) == ("11", "red", "trigger")


def test_dates_that_are_listed_fire_once_each(world: World) -> None:
    dates = (
        "    timezone: Europe/Paris\n    dates: ['2026-03-02T12:30:00', '2026-03-02T11:30:00', '2026-03-01T00:00:00']\n"
    )
    world.save(flow(f"  - id: s\n    type: io.kestra.plugin.core.trigger.ScheduleOnDates\n{dates}"))
    for minutes in range(0, 240, 30):
        world.at(START + timedelta(minutes=minutes))
    assert world.dates() == ["2026-03-02T11:30:00+01:00", "2026-03-02T12:30:00+01:00"]


def test_dates_that_are_over_come_back_with_another_text_only(world: World) -> None:
    """A flow that is saved, whichever, has the triggers looked at that have no date yet."""
    dates = "    dates: ['2026-03-02T11:30:00Z']\n"
    listed = f"  - id: s\n    type: io.kestra.plugin.core.trigger.ScheduleOnDates\n{dates}"
    world.save(flow(listed))
    world.at(TWELVE)
    world.save(flow(HOURLY.replace("0 * * * *", "0 0 1 1 *"), id_="other"))
    world.save(flow(listed, extra="description: the same trigger\n"))
    world.at(TWELVE + timedelta(minutes=5))
    switch(world, off=True)
    switch(world, off=False)
    world.at(TWELVE + timedelta(minutes=10))
    assert world.dates() == ["2026-03-02T11:30:00+00:00"]
    world.save(flow(listed.replace("11:30", "13:30")))
    world.at(START + timedelta(hours=4))
    assert len(world.dates()) == 2


def switch(world: World, *, off: bool, recover: bool = False) -> bool:
    now_ms = rows.ms_of(world.now)
    return world.store.write(lambda c: triggers.switch(c, KEY, off=off, now_ms=now_ms, recover=recover)).result()


@pytest.mark.parametrize("more", ["", "    recoverMissedSchedules: ALL\n", "    recoverMissedSchedules: LAST\n"])
def test_dates_that_passed_while_a_trigger_was_off_were_not_missed(world: World, more: str) -> None:
    world.save(flow(HOURLY + more))
    world.at(ELEVEN)
    assert switch(world, off=True)
    world.at(START + timedelta(hours=5, minutes=10))
    assert switch(world, off=False)
    world.at(START + timedelta(hours=5, minutes=20))
    assert hours(world) == ["11"]
    world.at(START + timedelta(hours=6))
    assert hours(world) == ["11", "16"]


def test_a_trigger_that_was_held_for_a_while_goes_on_where_it_was(world: World) -> None:
    world.save(flow(HOURLY))
    world.at(ELEVEN)
    switch(world, off=True)
    world.now = START + timedelta(hours=3, minutes=10)
    switch(world, off=False, recover=True)
    world.at(world.now)
    assert hours(world) == ["11", "12", "13"]


def test_switching_on_what_is_on_moves_nothing(world: World) -> None:
    world.save(flow(HOURLY))
    world.now = START + timedelta(hours=2)
    switch(world, off=False)
    world.at(world.now)
    assert hours(world) == ["11", "12"]
    assert not world.store.write(lambda c: triggers.switch(c, ("t", "f", "no"), off=True, now_ms=0)).result()


def test_a_backfill_that_was_off_for_a_while_ends_at_the_present(world: World) -> None:
    world.save(flow(HOURLY))
    backfill(world, 3, 1)
    switch(world, off=True)
    world.now = START + timedelta(hours=2, minutes=30)
    switch(world, off=False)
    world.at(world.now)
    assert hours(world) == ["07", "08", "09"]
    world.at(START + timedelta(hours=3))
    assert hours(world)[3:] == ["13"]


@pytest.mark.parametrize("drop", [True, False])
def test_a_trigger_that_was_over_before_its_backfill_is_over_after_it(world: World, drop: bool) -> None:
    listed = "  - id: s\n    type: io.kestra.plugin.core.trigger.ScheduleOnDates\n    dates: ['2026-03-02T11:30:00Z']\n"
    world.save(flow(listed))
    world.at(TWELVE)
    row = world.store.read(lambda c: rows.one(c, KEY))
    assert row is not None
    held = backfills.begin(row.definition, START, TWELVE, None, {}, ())
    assert held is not None
    world.store.write(lambda c: rows.put_backfill(c, KEY, held, rows.ms_of(held.current))).result()
    if drop:
        world.store.write(lambda c: rows.put_backfill(c, KEY, None, None)).result()
    world.at(TWELVE + timedelta(minutes=1))
    world.schedules.date_new()
    world.at(TWELVE + timedelta(minutes=2))
    assert len(world.dates()) == (1 if drop else 2)


def backfill(world: World, first: int, last: int) -> backfills.Backfill:
    """Begin a backfill over hours before the start of the world."""
    row = world.store.read(lambda c: rows.one(c, KEY))
    assert row is not None
    span = START - timedelta(hours=first), START - timedelta(hours=last)
    held = backfills.begin(row.definition, *span, rows.moment_of_ms(row.next_ms), {}, ())
    assert held is not None
    world.store.write(lambda c: rows.put_backfill(c, KEY, held, rows.ms_of(held.current))).result()
    return held


def test_a_backfill_whose_execution_runs_waits_and_a_killed_server_goes_on_with_it(world: World) -> None:
    world.save(flow(HOURLY, tasks=PAUSE))
    backfill(world, 3, 1)
    world.schedules.work(START)
    world.schedules.work(START)
    assert hours(world) == ["07"]
    row = world.store.read(lambda c: rows.one(c, KEY))
    assert row is not None and row.backfill is not None and row.backfill.current.hour == 8


def test_a_flow_trigger_names_the_first_task_that_failed_and_the_last(world: World) -> None:
    tasks = "  - {id: bad, type: io.kestra.plugin.core.execution.Fail}\n"
    handler = "errors:\n  - {id: after, type: io.kestra.plugin.core.debug.Return}\n"
    world.save(SOURCE.replace("tasks:\n", handler + "tasks:\n").replace("triggers:\n", tasks + "triggers:\n"))
    world.save(listening("    states: [FAILED]\n"))
    world.at(ELEVEN)
    [variables] = started(world)
    assert (variables["firstFailedTaskId"], variables["lastTaskId"]) == ("bad", "after")


def test_at_least_so_many(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    third = OTHER.replace("id: other", "id: third").replace("'0 12 * * *'", "'0 13 * * *'")
    world.save(third)
    world.save(listening(depends("source", "other", "third", more="    mode: AT_LEAST\n    minSatisfied: 2\n")))
    world.at(ELEVEN)
    assert started(world) == []
    world.at(TWELVE)
    assert len(started(world)) == 1
    world.at(START + timedelta(hours=3))
    assert len(started(world)) == 1, "it started over"


@pytest.mark.parametrize(
    ("window", "at_eleven", "at_noon"),
    [
        ("{from: '10:30:00', to: '11:30:00'}", 1, 1),
        ("{from: '11:30:00', to: '12:30:00'}", 0, 1),
        ("{from: '01:00:00', to: '02:00:00'}", 0, 0),
    ],
)
def test_a_daily_span_holds_for_a_single_dependency_too(
    world: World, window: str, at_eleven: int, at_noon: int
) -> None:
    twice = SOURCE.replace("'0 11 * * *'", "'0 11,12 * * *'")
    world.save(twice)
    world.save(listening(depends("source", more=f"    window: {window}\n")))
    world.at(ELEVEN)
    assert len(started(world)) == at_eleven
    world.at(TWELVE)
    assert len(started(world)) == at_noon


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("{every: P1D}", [1, 2, 3]),
        ("{every: P1D, fireOnce: true}", [1, 1, 2]),
        ("{deadline: '23:00:00', fireOnce: true}", [1, 1, 2]),
        ("{lookback: PT2H, fireOnce: true}", [1, 1, 2]),
        ("{lookback: PT30M, fireOnce: true}", [1, 2, 3]),
        ("{from: '10:00:00', to: '13:00:00', fireOnce: true}", [1, 1, 2]),
        ("{fireOnce: true}", [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("sources", [("source",), ("source", "same")])
def test_fire_once_means_once_in_a_window(
    world: World, sources: tuple[str, ...], window: str, expected: list[int]
) -> None:
    twice = SOURCE.replace("'0 11 * * *'", "'0 11,12 * * *'")
    world.save(twice)
    world.save(twice.replace("id: source", "id: same"))
    world.save(listening(depends(*sources, more=f"    window: {window}\n")))
    counts = []
    for moment in (ELEVEN, TWELVE, ELEVEN + DAY):
        world.at(moment)
        counts.append(len(started(world)))
    assert counts == expected


def test_what_a_listener_cannot_render_fails_an_execution_with_the_reason(world: World) -> None:
    world.save(SOURCE)
    world.save(listening(depends("source", more="    inputs:\n      x: '{{ trigger.outputs.nothing }}'\n")))
    world.at(ELEVEN)
    [failed] = world.executions("listener")
    assert failed.state == "FAILED"


def test_a_listener_that_cannot_be_followed_hides_no_other(world: World) -> None:
    world.save(SOURCE)
    bad = "  - id: bad\n    type: io.kestra.plugin.core.trigger.Flow\n" + depends(
        "source", more="    window: {lookback: PT1H}\n"
    )
    text = listening(depends("source")) + bad.replace("PT1H", "soon")
    world.store.write(lambda c: flows.save(c, NewFlow("t", "listener", text, "digest", b"{}"), 0)).result()
    world.listeners.renew([("t", "listener")])
    world.at(ELEVEN)
    assert len(started(world)) == 1


def test_two_triggers_of_a_flow_are_apart(world: World) -> None:
    other = HOURLY.replace("id: s", "id: s2").replace("'0 * * * *'", "'30 * * * *'")
    world.save(flow(HOURLY + other, tasks=PAUSE))
    for minutes in (60, 90, 120):
        world.schedules.work(START + timedelta(minutes=minutes))
    assert sorted(str((one.trigger or {})["id"]) for one in world.executions()) == ["s", "s2"]


def test_an_hour_that_does_not_exist_is_skipped_and_one_that_comes_twice_fires_once(world: World) -> None:
    zone = "    timezone: Europe/Paris\n"
    world.save(flow(HOURLY.replace("0 * * * *", "30 2 * * *") + zone))
    spring = datetime.fromisoformat("2026-03-28T00:00:00+00:00")
    for step in range(3 * 48):
        world.at(spring + timedelta(minutes=30 * step))
    dates = [date for date in world.dates() if date >= "2026-03-28"]
    assert dates == ["2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"]


def test_what_was_met_under_another_text_does_not_count(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    world.save(SOURCE.replace("id: source", "id: third").replace("'0 11 * * *'", "'0 12 * * *'"))
    world.save(listening(depends("source", "other")))
    world.at(ELEVEN)
    world.save(listening(depends("third", "source")))
    world.at(TWELVE)
    assert started(world) == []
    world.at(ELEVEN + DAY)
    assert len(started(world)) == 1


def test_what_was_met_by_a_flow_that_was_deleted_does_not_count_when_it_comes_back(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    text = listening(depends("source", "other"))
    world.save(text)
    world.at(ELEVEN)
    world.store.write(lambda c: flows.delete(c, "t", "listener", 0)).result()
    world.listeners.renew([("t", "listener")])
    world.save(text)
    world.at(TWELVE)
    assert started(world) == []


def test_a_dependency_without_states_does_not_take_those_of_another(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    modern = "    dependsOn:\n      - {namespace: t, flowId: source, states: [RUNNING]}\n"
    modern += "      - {namespace: t, flowId: other}\n"
    world.save(listening(modern + "    mode: ANY\n"))
    world.at(ELEVEN)
    world.at(TWELVE)  # one after the other: two executions that run beside each other end in any order
    assert [(v["flowId"], v["state"]) for v in started(world)] == [("source", "RUNNING"), ("other", "SUCCESS")]
