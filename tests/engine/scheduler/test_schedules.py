from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.scheduler import backfills, rows
from flowctl.engine.scheduler.schedules import Schedules
from flowctl.engine.store.tables import executions
from tests.engine.scheduler.conftest import HOURLY, START, World, flow

KEY = ("t", "f", "s")
ELEVEN = START + timedelta(hours=1)


def test_each_date_starts_one_execution_however_often_it_is_looked_at(world: World) -> None:
    world.save(flow(HOURLY))
    for minutes in (0, 59, 60, 60, 61, 120):
        world.at(START + timedelta(minutes=minutes))
    assert world.dates() == ["2026-03-02T11:00:00+00:00", "2026-03-02T12:00:00+00:00"]
    assert [one.state for one in world.executions()] == ["SUCCESS", "SUCCESS"]


def test_a_clock_that_steps_back_does_not_repeat_a_date(world: World) -> None:
    world.save(flow(HOURLY))
    world.at(ELEVEN)
    world.at(START)
    world.at(ELEVEN)
    assert world.dates() == ["2026-03-02T11:00:00+00:00"]


def test_a_restart_replays_all_missed_dates_one_after_the_other(world: World) -> None:
    world.save(flow(HOURLY))
    world.now = START + timedelta(hours=3, minutes=5)
    world.schedules = Schedules(world.executor, world.now)
    world.at(world.now)
    assert [date[11:13] for date in world.dates()] == ["11", "12", "13"]


def test_the_next_date_waits_for_the_running_execution(world: World) -> None:
    pause = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    world.save(flow(HOURLY, tasks=pause))
    for hours in (1, 2, 3):
        world.schedules.work(START + timedelta(hours=hours))
    assert len(world.executions()) == 1
    row = world.store.read(lambda c: c.execute("SELECT execution_id FROM triggers").fetchone())
    assert row[0] == world.executions()[0].id


def test_allow_concurrent_does_not_wait(world: World) -> None:
    pause = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    world.save(flow(HOURLY + "    allowConcurrent: true\n", tasks=pause))
    for hours in (1, 2):
        world.schedules.work(START + timedelta(hours=hours))
    assert len(world.executions()) == 2


def test_when_is_false_moves_on_without_an_execution(world: World) -> None:
    world.save(flow(HOURLY + '    when: "{{ hourOfDay(trigger.date) == 12 }}"\n'))
    world.at(START + timedelta(hours=1))
    world.at(START + timedelta(hours=2))
    assert world.dates() == ["2026-03-02T12:00:00+00:00"]


def test_a_check_that_blocks_a_date_is_told(world: World) -> None:
    check = "checks:\n  - {when: '{{ false }}', message: not today}\n"
    world.save(flow(HOURLY, extra=check))
    world.at(ELEVEN)
    assert world.executions() == []
    [(trigger, line)] = world.told()
    assert trigger == "s"
    assert line.endswith("Failed checks: not today")


def test_legacy_conditions_hold_as_well(world: World) -> None:
    weekend = "    conditions:\n      - type: io.kestra.plugin.core.condition.Weekend\n"
    world.save(flow(HOURLY + weekend))
    world.at(ELEVEN)
    assert world.executions() == []


def test_what_cannot_be_rendered_fails_an_execution_with_the_reason(world: World) -> None:
    world.save(flow(HOURLY + "    inputs:\n      a: '{{ nothing.here }}'\n"))
    world.at(ELEVEN)
    [failed] = world.executions()
    lines = world.store.read(lambda c: c.execute("SELECT message FROM logs").fetchall())
    assert failed.state == "FAILED"
    assert "nothing" in lines[0][0]


def test_stop_after_switches_the_trigger_off(world: World) -> None:
    fail = "  - id: no\n    type: io.kestra.plugin.core.execution.Fail\n"
    world.save(flow(HOURLY + "    stopAfter: [FAILED]\n", tasks=fail))
    world.at(ELEVEN)
    world.at(START + timedelta(hours=2))
    assert [one.state for one in world.executions()] == ["FAILED"]
    assert world.store.read(lambda c: c.execute("SELECT disabled FROM triggers").fetchone()) == (1,)


def test_a_trigger_switched_off_on_the_server_stays_off_when_its_flow_is_saved_again(world: World) -> None:
    world.save(flow(HOURLY))
    world.store.write(lambda c: c.execute("UPDATE triggers SET disabled = 1")).result()
    world.save(flow(HOURLY.replace("0 * * * *", "30 * * * *")))
    world.at(START + timedelta(hours=2))
    assert world.executions() == []


def test_a_disabled_flow_starts_nothing_and_recovers_nothing(world: World) -> None:
    world.save(flow(HOURLY, extra="disabled: true\n"))
    world.at(START + timedelta(hours=2))
    world.save(flow(HOURLY))
    world.at(START + timedelta(hours=3))
    assert [date[11:13] for date in world.dates()] == ["13"]


def test_a_backfill_fires_its_dates_with_its_inputs_and_labels(world: World) -> None:
    inputs = "inputs:\n  - id: n\n    type: INT\n    defaults: 1\n"
    world.save(flow(HOURLY, extra=inputs))
    row = world.store.read(lambda c: rows.one(c, KEY))
    assert row is not None
    span = START - timedelta(hours=3), START - timedelta(hours=1)
    held = backfills.begin(row.definition, *span, rows.moment_of_ms(row.next_ms), {"n": 7}, (("why", "repair"),))
    assert held is not None
    world.store.write(lambda c: rows.put_backfill(c, KEY, held, rows.ms_of(held.current))).result()
    world.at(START)
    assert [date[11:13] for date in world.dates()] == ["07", "08", "09"]
    assert [one.inputs for one in world.executions()] == [{"n": 7}] * 3
    assert all(("why", "repair") in one.labels for one in world.executions())
    world.at(ELEVEN)
    assert world.dates()[-1] == "2026-03-02T11:00:00+00:00"
    assert world.executions()[-1].inputs == {"n": 1}


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
def test_a_backfill_goes_on_where_it_stands_when_the_text_changes(world: World, paused: bool) -> None:
    world.save(flow(HOURLY))
    row = world.store.read(lambda c: rows.one(c, KEY))
    assert row is not None
    span = START - timedelta(hours=3), START - timedelta(hours=1)
    held = backfills.begin(row.definition, *span, rows.moment_of_ms(row.next_ms), {}, ())
    assert held is not None
    held = replace(held, paused=paused)
    world.store.write(lambda c: rows.put_backfill(c, KEY, held, None if paused else rows.ms_of(held.current))).result()
    world.save(flow(HOURLY.replace("0 * * * *", "30 * * * *")))
    world.at(START)
    assert [date[11:16] for date in world.dates()] == ([] if paused else ["07:00", "07:30", "08:30"])
    world.at(ELEVEN)
    assert [date[11:16] for date in world.dates()][3:] == ([] if paused else ["10:30"])
    now = world.store.read(lambda c: rows.one(c, KEY))
    assert now is not None
    assert (now.backfill is not None) == paused


def test_a_thousand_schedules_of_one_second_all_fire(world: World) -> None:
    for number in range(40):
        triggers = "".join(HOURLY.replace("id: s", f"id: s{one}") for one in range(25))
        world.save(flow(triggers, id_=f"f{number}"))
    world.at(ELEVEN)
    assert len(world.executions()) == 1000


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_an_execution_that_ends_as_it_is_made_holds_no_later_date_back(world: World, behavior: str, state: str) -> None:
    """It never changes its state, so that nobody would release the trigger."""
    pause = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    world.save(flow(HOURLY, tasks=pause, extra=f"concurrency: {{limit: 1, behavior: {behavior}}}\n"))
    first = launch(world.executor.services, world.executor.services.flows.latest("t", "f"), Launch())
    definition = world.executor.services.flows.latest("t", "f").definition
    world.store.write(lambda c: store_new(c, first, definition)).result()
    for hours in (1, 2, 3):
        world.schedules.work(START + timedelta(hours=hours))
    assert [one.state for one in world.executions() if one.trigger] == [state] * 3


def test_a_deleted_execution_holds_no_later_date_back(world: World) -> None:
    pause = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    world.save(flow(HOURLY, tasks=pause))
    world.schedules.work(ELEVEN)
    [running] = world.executions()
    world.store.write(lambda c: executions.delete(c, running)).result()
    world.schedules.work(START + timedelta(hours=2))
    assert len(world.executions()) == 1


@pytest.mark.parametrize("gone", [False, True])
def test_a_start_releases_triggers_whose_execution_is_over(world: World, gone: bool) -> None:
    """As they may stand in the store of an earlier version, or of a server that was killed."""
    world.save(flow(HOURLY))
    world.at(ELEVEN)
    [done] = world.executions()
    held = "nobody" if gone else done.id
    world.store.write(lambda c: c.execute("UPDATE triggers SET execution_id = ?", (held,))).result()
    world.store.write(rows.release_ended).result()
    world.at(START + timedelta(hours=2))
    assert len(world.executions()) == 2


def test_a_start_keeps_triggers_whose_execution_runs(world: World) -> None:
    pause = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    world.save(flow(HOURLY, tasks=pause))
    world.schedules.work(ELEVEN)
    world.store.write(rows.release_ended).result()
    world.schedules.work(START + timedelta(hours=2))
    assert len(world.executions()) == 1
