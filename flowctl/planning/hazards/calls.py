"""H1, H2, H4 and H34: what flows call, and what becomes of those that are called. H3 is a guard of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.flowtext.places import PlaceError, parse_place
from flowctl.language.asleep import asleep
from flowctl.language.flags import is_on
from flowctl.language.references import references
from flowctl.model.keys import FlowKey
from flowctl.model.project import FlowReference
from flowctl.planning.hazards.sighting import Path, Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, World


def missing(world: World, subject: Subject) -> Iterator[Sighting]:
    """H1 and H2: subflows of the new text, at any depth."""
    for ref in references(subject.after):
        if ref.relation == "subflow" and not asleep(subject.after, ref.place):
            yield from _missing(world, subject, ref)


def _missing(world: World, subject: Subject, ref: FlowReference) -> Iterator[Sighting]:
    at, called = _path(subject, ref.place), FlowKey(ref.namespace, ref.flow_id)
    if ref.dynamic:
        text = f"{ref.place} calls a flow whose name is an expression: {ref.namespace}/{ref.flow_id}"
        yield Sighting("H2", subject.key, f"not checked: {text}", at=at)
    elif world.exists_afterwards(called) or called in world.changes:
        return  # one that the plan deletes is H3's
    elif not world.within(called.namespace):
        why = f"{called.namespace} is not among the namespaces of {world.environment.name}"
        yield not_checkable("H1", subject.key, f"whether {called.address} exists", why, at)
    else:
        why, hint = _why(world, called)
        yield Sighting("H1", subject.key, f"{ref.place} calls {called}, which will not exist", why, hint, at)


def unseen(world: World, subject: Subject) -> Iterator[Sighting]:
    """H3, where the server does not tell who calls a flow that goes."""
    if subject.after is None and world.live.calls is None:
        what = f"whether flows outside of {world.environment.name} call it"
        yield not_checkable("H3", subject.key, what, "the server does not tell its dependencies")


def _why(world: World, called: FlowKey) -> tuple[str, str]:
    """What is known of a flow that will not exist, and what to do."""
    flow = world.project.flows.get(called)
    if flow is not None:
        return (
            f"{flow.path or 'its text'} is not on the server yet, and left out here",
            "apply it first, or with this one",
        )
    return _near(world, called), "add the flow, or correct the name"


def _near(world: World, called: FlowKey) -> str:
    elsewhere = sorted(str(key) for key in world.live.flows.keys() | world.project.flows.keys() if key.id == called.id)
    return f"there is {', '.join(elsewhere[:3])}" if elsewhere else ""


def _path(subject: Subject, place: str) -> Path:
    try:
        return tuple(parse_place(subject.after, place))
    except PlaceError:
        return ()


def disabled(world: World, subject: Subject) -> Iterator[Sighting]:
    """H4: a call of a disabled flow fails."""
    if subject.after is None or not is_on(subject.after.get("disabled")) or subject.was_off:
        return
    calls = [call for call in world.callers(subject.key) if call.relation == "subflow"]
    if calls:
        names = "; ".join(str(call) for call in calls[:5])
        yield Sighting(
            "H4", subject.key, f"it is disabled, and {len(calls)} call{'s' * (len(calls) > 1)} of it will fail", names,
            "disable the callers too, or take the calls out", ("disabled",),
        )  # fmt: skip


def circles(world: World, subject: Subject) -> Iterator[Sighting]:
    """H34: a Flow trigger closes a circle, so that the runs never end."""
    circle = world.circles.get(subject.key) if subject.after is not None else None
    if circle is not None:
        named = (ref for ref in references(subject.after) if FlowKey(ref.namespace, ref.flow_id) in circle)
        at = next((_path(subject, ref.place) for ref in named), ())
        trail = " -> ".join(str(key) for key in (*circle, circle[0]))
        yield Sighting(
            "H34", subject.key, "flows start each other in a circle, and would run without end", trail,
            "take one trigger out, or give it conditions that end the circle", at,
        )  # fmt: skip
