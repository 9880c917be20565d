"""H10, H12, H33 and H44: triggers as such, and what the server remembers of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.asleep import asleep_at
from flowctl.language.flags import is_on
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, Value, World, by_id, is_core_trigger

_NARROWING = ("conditions", "preconditions", "dependsOn", "when")


def unconditional(world: World, subject: Subject) -> Iterator[Sighting]:
    """H33: a Flow trigger that names nothing starts on every execution of every flow."""
    before = by_id(subject.before, "triggers")
    for name, (index, trigger) in by_id(subject.after, "triggers").items():
        same = name in before and before[name][1] == trigger and not subject.was_off
        if same or asleep_at(subject.after, ("triggers", index)):
            continue
        if is_core_trigger(trigger, "Flow") and not any(trigger.get(key) for key in _NARROWING):
            yield Sighting(
                "H33", subject.key, f"Flow trigger {name} has no conditions: it starts on every execution of any flow",
                hint="name the flows it waits for: in dependsOn (Kestra 2.0), in preconditions.flows (1.x)",
                at=("triggers", index),
            )  # fmt: skip


def removed(world: World, subject: Subject) -> Iterator[Sighting]:
    """H10: state belongs to a trigger's id. One that is disabled and has nothing under way loses nothing."""
    if subject.before is None or subject.goes:
        return
    after = by_id(subject.after, "triggers")
    new = {name: trigger for name, (_, trigger) in after.items() if name not in by_id(subject.before, "triggers")}
    for name, (_, trigger) in by_id(subject.before, "triggers").items():
        if name not in after and not _at_rest(world, subject, name, trigger):
            renamed = _renamed(trigger, new)
            what = f"trigger {name} is now {renamed}" if renamed else f"trigger {name} goes"
            yield Sighting(
                "H10", subject.key, f"{what}: its state on the server is dropped", _state(world, subject, name),
                "keep the id to keep the state",
            )  # fmt: skip


def _renamed(trigger: Value, new: Mapping[str, Value]) -> str | None:
    """The new id of a trigger that is the same in everything else."""
    rest = {key: value for key, value in trigger.items() if key != "id"}
    return next((name for name, other in new.items() if rest == {k: v for k, v in other.items() if k != "id"}), None)


def _at_rest(world: World, subject: Subject, name: str, trigger: Value) -> bool:
    state = world.triggers(subject.key).get(name)
    return is_on(trigger.get("disabled")) and not (state is not None and (state.running or state.backfill))


def _state(world: World, subject: Subject, name: str) -> str:
    state = world.triggers(subject.key).get(name)
    if state is None:
        return ""
    facts = [
        *(["an evaluation is running"] if state.running else []),
        *(["a backfill is in progress"] if state.backfill else []),
        *(["it is disabled on the server"] if state.disabled else []),
    ]
    return ", ".join(facts)


def paused(world: World, subject: Subject) -> Iterator[Sighting]:
    """H12: somebody disabled a trigger on the server. Servers keep that for a trigger that keeps its id."""
    if subject.before is None:
        return
    before, after = by_id(subject.before, "triggers"), by_id(subject.after, "triggers")
    lock = world.live.lock
    ours = lock.paused if lock is not None and not lock.released else ()  # by a drain or a move; P119 names them
    for name, state in world.triggers(subject.key).items():
        if not state.disabled or name not in before or is_on(before[name][1].get("disabled")):
            continue
        if (subject.key, name) in ours:
            continue
        if name in after and is_on(after[name][1].get("disabled")):
            continue
        if name in after:
            text = f"trigger {name} is disabled on the server, and stays disabled"
            at = ("triggers", after[name][0])
            yield Sighting("H12", subject.key, text, hint="enable it on the server when it shall run", at=at)
        else:
            text = f"trigger {name} is disabled on the server, and goes with what remembers that"
            yield Sighting("H12", subject.key, text, hint="a new trigger in its place would run")


def backfills(world: World, subject: Subject) -> Iterator[Sighting]:
    """H44: a change of the trigger ends its backfill."""
    before, after = by_id(subject.before, "triggers"), by_id(subject.after, "triggers")
    for name, state in world.triggers(subject.key).items():
        same = name in before and name in after and before[name][1] == after[name][1]
        if state.backfill and not same:
            text = f"a backfill of trigger {name} is in progress, and ends with this change"
            yield Sighting("H44", subject.key, text, hint="let it end first, or start it again afterwards")
