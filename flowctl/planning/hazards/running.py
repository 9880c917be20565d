"""H13 and H25 to H27: what was switched off on the server, and what runs while its flow changes or goes."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.flags import is_on
from flowctl.planning.hazards.sighting import Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, Value, World
from flowctl.planning.impact.runtime import counted

_UNSEEN = "the server did not tell what runs"


def switched_on(world: World, subject: Subject) -> Iterator[Sighting]:
    """H13: a server writes `disabled: true` into the text; a deployment from files takes it out again."""
    if subject.before is None or subject.after is None or not is_on(subject.before.get("disabled")):
        return
    if not is_on(subject.after.get("disabled")) and not _stopped_by_us(world, subject):
        yield Sighting(
            "H13", subject.key, "the flow is disabled on the server, and this change enables it",
            hint="to keep it off, write disabled: true in the file, or take the server's text with "
            f"flowctl pull {world.environment.name}",
        )  # fmt: skip


def _stopped_by_us(world: World, subject: Subject) -> bool:
    """Whether an apply that was cut short disabled the flow while it drained it."""
    lock, have = world.live.lock, world.live.flows.get(subject.key)
    if lock is None or lock.released or have is None:
        return False
    return any(one.flow == subject.key and one.meanwhile == have.digest for one in lock.stopped)


def deleted(world: World, subject: Subject) -> Iterator[Sighting]:
    """H25: executions of a flow that goes."""
    if not subject.goes:
        return
    if world.live.executions is None:
        yield not_checkable("H25", subject.key, "whether executions of it run or wait", _UNSEEN)
        return
    running, queued = counted(world, subject)
    if (running or queued) and world.drains:
        text = f"{_moving(running, queued)}: the flow is deleted when nothing does any more"
        yield Sighting("H25", subject.key, text, mild=True)
    elif running or queued:
        yield Sighting(
            "H25", subject.key, f"{_moving(running, queued)}, and would go on without a definition",
            hint="let that end first and plan again, or let apply wait for the end with --drain",
        )  # fmt: skip


def updated(world: World, subject: Subject) -> Iterator[Sighting]:
    """H26: executions of a flow that changes."""
    running, queued = counted(world, subject)
    if not subject.goes and (running or queued):
        text = f"{_moving(running, queued)}: the old revision goes on there, a restart takes the new"
        yield Sighting("H26", subject.key, text)


def _moving(running: int, queued: int) -> str:
    """Such as `2 executions run and 1 waits`; what is none is left out."""
    if not running and not queued:
        return "nothing runs or waits"
    noun = "execution" if (running or queued) == 1 else "executions"
    parts = [(number, verb) for number, verb in ((running, "run"), (queued, "wait")) if number]
    first, *more = [f"{verb}s" if number == 1 else verb for number, verb in parts]
    said = f"{parts[0][0]} {noun} {first}"
    return f"{said} and {queued} {more[0]}" if more else said


def concurrency(world: World, subject: Subject) -> Iterator[Sighting]:
    """H27: a lower limit, or a behaviour that loses runs instead of letting them wait."""
    old, new = _concurrency(subject.before), _concurrency(subject.after)
    if subject.before is None or subject.after is None or new == old or not new:
        return
    was, will = old.get("limit"), new.get("limit")
    lower = isinstance(will, int) and (not isinstance(was, int) or will < was)
    loses = old.get("behavior", "QUEUE") == "QUEUE" and new.get("behavior") in ("CANCEL", "FAIL")
    if lower or loses:
        running, queued = counted(world, subject)
        facts = _UNSEEN if world.live.executions is None else f"{_moving(running, queued)} now"
        what = f"the limit goes from {was or 'none'} to {will}" if lower else f"runs beyond it now {new['behavior']}"
        hint = "let the queue empty first, or keep the limit"
        yield Sighting("H27", subject.key, f"concurrency: {what}", facts, hint, ("concurrency",))


def _concurrency(flow: Value | None) -> Value:
    found = flow.get("concurrency") if flow is not None else None
    return found if isinstance(found, dict) else {}
