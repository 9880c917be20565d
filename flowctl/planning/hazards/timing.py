"""H8, H9, H11 and H43: what becomes of schedules; the numbers are in the change's impact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flowctl.model.impact import ScheduleImpact, moment_text
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, World, by_id
from flowctl.planning.impact.schedules import schedules_of

NEAR = timedelta(minutes=5)
"""A fire this close to the plan may fall into the apply."""


def changed(world: World, subject: Subject) -> Iterator[Sighting]:
    """H8: the series of fires differs."""
    for one in schedules_of(world, subject):
        if one.effect == "changed" and (one.lost or one.added or one.before != one.after):
            at = _at(subject, one)
            text = f"schedule {one.trigger} changes from {one.cron_before} to {one.cron_after}"
            yield Sighting("H8", subject.key, f"{text}{_today(one)}", _fires(one), at=at)


def _today(one: ScheduleImpact) -> str:
    words = {"lost": ": the day of the apply loses a run", "doubled": ": the day of the apply runs it once more"}
    return words.get(one.today, "")


def _fires(one: ScheduleImpact) -> str:
    lost = f"next fire was {moment_text(one.before[0])}" if one.before else "it did not fire any more"
    new = f"is {moment_text(one.after[0])}" if one.after else "there is none"
    return f"{lost}, {new}"


def near(world: World, subject: Subject) -> Iterator[Sighting]:
    """H9: a fire that may fall into the apply."""
    for one in schedules_of(world, subject, unchanged=True):
        fires = sorted({*one.before[:1], *one.after[:1]})
        if fires and fires[0] <= world.now + NEAR and (one.before or subject.change.before is not None):
            seconds = int((fires[0] - world.now).total_seconds())
            yield Sighting(
                "H9", subject.key, f"schedule {one.trigger} fires in {seconds} s, at {moment_text(fires[0])}: "
                "an apply at that moment may miss it or run it with either text",
                hint="apply after the run, or with --quiet-window 5m", at=_at(subject, one),
            )  # fmt: skip


def catching_up(world: World, subject: Subject) -> Iterator[Sighting]:
    """H11: a schedule that starts to fire again and has a last date catches up on everything in between."""
    for one in schedules_of(world, subject):
        entry = by_id(subject.after, "triggers").get(one.trigger)
        state = world.triggers(subject.key).get(one.trigger)
        if entry is None or state is None or state.last_date is None or one.effect not in ("enabled", "created"):
            continue
        recover = entry[1].get("recoverMissedSchedules", "ALL")
        if recover != "NONE":
            since = moment_text(state.last_date)
            text = f"schedule {one.trigger} last ran {since} and may catch up on runs missed since ({recover})"
            hint = "set recoverMissedSchedules: NONE, unless they are wanted"
            yield Sighting("H11", subject.key, text, hint=hint, at=_at(subject, one))


def daylight_saving(world: World, subject: Subject) -> Iterator[Sighting]:
    """H43: a schedule meets daylight saving."""
    for one in schedules_of(world, subject):
        for note in one.clock_changes:
            yield Sighting("H43", subject.key, f"schedule {one.trigger}: {note}", at=_at(subject, one))


def _at(subject: Subject, one: ScheduleImpact) -> tuple[str | int, ...]:
    entry = by_id(subject.after, "triggers").get(one.trigger)
    return ("triggers", entry[0]) if entry is not None else ()
