"""The schedules of a flow that changes: what fires before, what fires afterwards."""

from __future__ import annotations

from flowctl.language.flags import is_on
from flowctl.model.impact import ScheduleImpact
from flowctl.planning.hazards.world import Subject, Value, World, by_id, is_core_trigger
from flowctl.planning.impact.firing import schedule_impact


def schedules_of(world: World, subject: Subject, *, unchanged: bool = False) -> tuple[ScheduleImpact, ...]:
    """The schedules that change (with `unchanged`, all of them), by id. Worked out once a flow."""
    known = world.schedules.get(subject.key)
    if known is None:
        known = world.schedules[subject.key] = tuple(_schedules(world, subject))
    return known if unchanged else tuple(one for one in known if one.effect != "unchanged")


def _schedules(world: World, subject: Subject) -> list[ScheduleImpact]:
    old, new = _named(subject.before), _named(subject.after)
    found = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        paused = _paused(world, subject, name)
        was = before if _fires(subject.before, before, paused=paused) else None
        will = after if _fires(subject.after, after, paused=paused and name in old) else None
        if was is not None or will is not None:
            found.append(schedule_impact(name, was, will, _effect(before, after, was, will), world.now))
    return found


def _named(flow: Value | None) -> dict[str, Value]:
    return {
        name: trigger
        for name, (_, trigger) in by_id(flow, "triggers").items()
        if is_core_trigger(trigger, "Schedule", "ScheduleOnDates")
    }


def _paused(world: World, subject: Subject, name: str) -> bool:
    """Whether somebody disabled the trigger on the server, which outlives a change of its flow."""
    state = world.triggers(subject.key).get(name)
    before = by_id(subject.before, "triggers").get(name)
    return state is not None and state.disabled and (before is None or not is_on(before[1].get("disabled")))


def _fires(flow: Value | None, trigger: Value | None, *, paused: bool) -> bool:
    if flow is None or trigger is None or paused:
        return False
    return not is_on(flow.get("disabled")) and not is_on(trigger.get("disabled"))


_TIMES = ("type", "cron", "timezone", "withSeconds", "dates")


def _effect(before: Value | None, after: Value | None, was: Value | None, will: Value | None) -> str:
    """`before`/`after` are what the texts say, `was`/`will` what of it fires."""
    if will is None:
        return "deleted" if after is None else "disabled"
    if was is None:
        return "created" if before is None else "enabled"
    same = all(was.get(name) == will.get(name) for name in _TIMES)
    return "unchanged" if same else "changed"
