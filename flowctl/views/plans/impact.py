"""What a change does beyond its text, in lines that the text and Markdown views share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from flowctl.model.impact import CallerImpact, Impact, ScheduleImpact, moment_text
from flowctl.model.plan import Plan
from flowctl.views.values import plural

_SHOWN = 3
_CALLERS = 5
_SLIGHT = 0.005


def impact_lines(impact: Impact) -> Iterator[str]:
    """One line per fact: schedules, callers, interface, what runs. The details of schedules follow, indented."""
    for one in impact.schedules:
        yield from _schedule(one)
    if impact.callers:
        yield from _callers(impact.callers)
    for change in impact.contract:
        yield f"interface: {change.grade}: {change.text}"
    for row in impact.runtime:
        yield f"on the server: {row.text}"


def _schedule(one: ScheduleImpact) -> Iterator[str]:
    yield f"schedule {one.trigger} {one.effect}: {_runs(one.daily_before)} -> {_runs(one.daily_after)} runs a day"
    if one.before:
        yield f"  was due {_times(one.before)}"
    if one.after:
        yield f"  will be due {_times(one.after)}"
    if one.lost and one.after:
        yield f"  lost within a day: {_times(one.lost)}"
    if one.added and one.before:
        yield f"  added within a day: {_times(one.added)}"


def _runs(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _times(times: tuple[datetime, ...]) -> str:
    """Moments, each by its own clock; the offset stands once at the end where it is the same for all."""
    exact = "%Y-%m-%d %H:%M:%S" if any(at.second for at in times) else "%Y-%m-%d %H:%M"
    one_offset = len({at.utcoffset() for at in times[:_SHOWN]}) == 1
    form, last = (exact, f" {times[0]:%Z}") if one_offset else (f"{exact} %Z", "")
    shown = ", ".join(at.strftime(form) for at in times[:_SHOWN])
    return f"{shown}{last}" + (", ..." if len(times) > _SHOWN else "")


def _callers(callers: tuple[CallerImpact, ...]) -> Iterator[str]:
    direct = sum(one.depth == 1 for one in callers)
    indirect = len(callers) - direct
    yield f"called by {plural(direct, 'flow')}" + (f", and {indirect} more through others" if indirect else "")
    for one in callers[:_CALLERS]:
        place = f" at {one.place}" if one.place else ""
        due = f", next run {moment_text(one.next_run)}" if one.next_run is not None else ""
        how = "" if one.depth == 1 else f" (through others, {one.depth} steps away)"
        yield f"  {one.flow}{place}{how}{due}"
    if len(callers) > _CALLERS:
        yield f"  and {len(callers) - _CALLERS} more"


def runs_a_day(plan: Plan) -> float:
    """How many runs a day the plan adds; below 0 when it takes some away."""
    return sum(one.daily_after - one.daily_before for one in _all(plan))


def _all(plan: Plan) -> Iterable[ScheduleImpact]:
    return (one for change in plan.changes for one in change.impact.schedules)


def schedule_sum(plan: Plan) -> str | None:
    """The sum over all schedules of the plan, None when no schedule changes."""
    count = sum(1 for _ in _all(plan))
    if not count:
        return None
    more = runs_a_day(plan)
    total = "as many runs a day" if abs(more) < _SLIGHT else f"{'+' if more > 0 else '-'}{_runs(abs(more))} runs a day"
    return f"{plural(count, 'schedule')}: {total}."


def impact_members(impact: Impact) -> dict[str, object]:
    """An impact for programs; empty lists are left out."""
    found: dict[str, list[dict[str, object]]] = {
        "schedules": [_schedule_members(one) for one in impact.schedules],
        "callers": [_caller_members(one) for one in impact.callers],
        "contract": [{"grade": one.grade, "text": one.text} for one in impact.contract],
        "runtime": [{"kind": one.kind, "text": one.text, "count": one.count} for one in impact.runtime],
    }
    return {name: items for name, items in found.items() if items}


def _schedule_members(one: ScheduleImpact) -> dict[str, object]:
    found: dict[str, object] = {
        "trigger": one.trigger,
        "effect": one.effect,
        "cronBefore": one.cron_before,
        "cronAfter": one.cron_after,
        "nextBefore": [at.isoformat() for at in one.before],
        "nextAfter": [at.isoformat() for at in one.after],
        "runsADayBefore": round(one.daily_before, 3),
        "runsADayAfter": round(one.daily_after, 3),
        "lostWithinADay": [at.isoformat() for at in one.lost],
        "addedWithinADay": [at.isoformat() for at in one.added],
        "today": one.today,
        "clockChanges": list(one.clock_changes),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _caller_members(one: CallerImpact) -> dict[str, object]:
    found: dict[str, object] = {"flow": str(one.flow), "depth": one.depth, "relation": one.relation}
    if one.place:
        found["place"] = one.place
    return found | ({"nextRun": one.next_run.isoformat()} if one.next_run is not None else {})
