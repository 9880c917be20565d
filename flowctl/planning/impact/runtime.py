"""What runs, waits or rests on the server and has to do with a flow that changes."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.flags import is_on
from flowctl.model.impact import RuntimeRow
from flowctl.planning.hazards.world import Subject, Value, World

QUEUED = frozenset(("QUEUED", "CREATED"))


def runtime_rows(world: World, subject: Subject) -> tuple[RuntimeRow, ...]:
    """Paused triggers, a disabled flow, backfills, executions. What a server does not tell is not in here: the
    hazards say so."""
    return (*_switched_off(world, subject), *_triggers(world, subject), *_executions(world, subject))


def _switched_off(world: World, subject: Subject) -> Iterator[RuntimeRow]:
    live = world.live.flows.get(subject.key)
    if live is not None and subject.before is not None and is_on(subject.before.get("disabled")):
        yield RuntimeRow("disabled", "the flow is disabled" + _afterwards(subject.after))


def _afterwards(after: Value | None) -> str:
    if after is None:
        return ""
    return ", and stays so" if is_on(after.get("disabled")) else ", and is enabled by this change"


def _triggers(world: World, subject: Subject) -> Iterator[RuntimeRow]:
    for name, state in sorted(world.triggers(subject.key).items()):
        if state.disabled:
            yield RuntimeRow("paused", f"trigger {name} is disabled")
        if state.backfill:
            yield RuntimeRow("backfill", f"trigger {name} has a backfill in progress")


def _executions(world: World, subject: Subject) -> Iterator[RuntimeRow]:
    running, queued = counted(world, subject)
    if running:
        yield RuntimeRow("running", f"{_plural(running, 'execution')} running", running)
    if queued:
        yield RuntimeRow("queued", f"{_plural(queued, 'execution')} waiting", queued)


def counted(world: World, subject: Subject) -> tuple[int, int]:
    """How many executions of a flow run (paused ones too), and how many wait to begin."""
    states = (world.live.executions or {}).get(subject.key, {})
    queued = sum(number for state, number in states.items() if state in QUEUED)
    return sum(states.values()) - queued, queued


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
