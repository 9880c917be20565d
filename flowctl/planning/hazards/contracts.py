"""H5, H6 and H7: what callers and triggers pass and read, held against the new interface of a flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flowctl.flowtext.places import PlaceError, parse_place
from flowctl.language.asleep import asleep_at
from flowctl.language.flags import is_on
from flowctl.language.options import texts
from flowctl.model.keys import FlowKey
from flowctl.planning.hazards.sighting import Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, Value, World, by_id
from flowctl.planning.impact.contract import required
from flowctl.planning.ordering.callers import Call

_LISTED = 5


def callers_break(world: World, subject: Subject) -> Iterator[Sighting]:
    """H5: a caller passes what the flow no longer takes, or not what it needs now."""
    if subject.before is None or subject.after is None:
        return
    old, new = _inputs(subject.before), _inputs(subject.after)
    if old == new:
        return
    found, unseen = [], []
    for call in _subflow_calls(world, subject.key):
        task = _task(world, call)
        if task is None:
            unseen.append(str(call))
        else:
            wrong = [problem for problem in _wrong(task, new) if problem not in _wrong(task, old)]
            found += [f"{call}: {', '.join(wrong)}"] if wrong else []
    if found:
        yield Sighting(
            "H5", subject.key, f"the inputs change, and {len(found)} unchanged "
            f"{'caller does' if len(found) == 1 else 'callers do'} not fit them any more",
            "; ".join(found[:_LISTED]), "change the callers in the same plan, or give the input a default", ("inputs",),
        )  # fmt: skip
    if unseen:
        why = "; ".join(unseen[:_LISTED])
        yield not_checkable("H5", subject.key, "what callers pass whose text is not known", why, ("inputs",))


def _wrong(task: Value, inputs: Mapping[str, Value]) -> list[str]:
    """What does not fit between a call and inputs. A whole map from an expression cannot be looked into."""
    passed = task.get("inputs", {})
    if not isinstance(passed, dict):
        return []
    lacking = [f"lacks {name}" for name, item in inputs.items() if required(item) and name not in passed]
    unknown = [
        f"passes unknown {name}" for name in passed if name.partition(".")[0] not in inputs and name not in inputs
    ]
    kinds = [f"passes {name} as {_shown(passed[name])}" for name in passed if not _fits(passed[name], inputs.get(name))]
    return [*lacking, *unknown, *kinds]


def _fits(value: object, item: Value | None) -> bool:
    """Whether a literal can be of an input's type; expressions can be anything."""
    if item is None or not isinstance(value, (str, int, float, bool)) or (isinstance(value, str) and "{{" in value):
        return True
    wanted = item.get("type")
    if wanted == "INT":
        return not isinstance(value, bool) and re.fullmatch(r"[+-]?\d+", str(value)) is not None
    if wanted == "FLOAT":
        return not isinstance(value, bool) and re.fullmatch(r"[+-]?\d*\.?\d+([eE][+-]?\d+)?", str(value)) is not None
    if wanted in ("BOOLEAN", "BOOL"):
        return str(value).lower() in ("true", "false", "1", "0", "on", "off", "yes", "no", "undefined", "")
    if wanted in ("SELECT", "ENUM"):
        return _among(value, item)
    return True


def _among(value: object, item: Value) -> bool:
    """Whether a value is one of those that a SELECT offers; of an `expression` nobody knows what it gives."""
    offered = item.get("values")
    return not isinstance(offered, list) or is_on(item.get("allowCustomValue")) or str(value) in texts(offered)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def outputs_read(world: World, subject: Subject) -> Iterator[Sighting]:
    """H6: a caller reads an output that goes."""
    gone = by_id(subject.before, "outputs").keys() - by_id(subject.after, "outputs").keys()
    if not gone or subject.after is None:
        return
    readers = [
        f"{call} reads {name}"
        for call in _subflow_calls(world, subject.key)
        for name in sorted(gone)
        if _reads(world.text_afterwards(call.caller), str((_task(world, call) or {}).get("id")), name)
    ]
    if readers:
        yield Sighting(
            "H6", subject.key, f"{len(readers)} {'caller reads' if len(readers) == 1 else 'callers read'} an output "
            "that goes", "; ".join(readers[:_LISTED]), "keep the output until its readers have changed", ("outputs",),
        )  # fmt: skip


def _reads(text: str | None, task: str, name: str) -> bool:
    """Whether a text names `outputs.TASK.outputs.NAME`, in dots or brackets."""
    step = r"(?:\.{0}(?![\w-])|\[\s*['\"]{0}['\"]\s*\])"
    pattern = "outputs" + "".join(step.format(re.escape(part)) for part in (task, "outputs", name))
    return text is not None and re.search(pattern, text) is not None


def trigger_inputs(world: World, subject: Subject) -> Iterator[Sighting]:
    """H7: nobody is there to give a value when a trigger starts the flow."""
    inputs = {name: item for name, item in _inputs(subject.after or {}).items() if required(item)}
    if not inputs:
        return
    before = subject.before or {}
    same = _inputs(before) == _inputs(subject.after or {}) and not subject.was_off
    for name, (index, trigger) in by_id(subject.after, "triggers").items():
        given = trigger.get("inputs", {})
        lacking = [one for one in inputs if isinstance(given, dict) and one not in given]
        known = same and by_id(before, "triggers").get(name, (0, {}))[1] == trigger
        if lacking and not known and not asleep_at(subject.after, ("triggers", index)):
            text = f"trigger {name} gives no value for {', '.join(lacking)}: every run it starts fails"
            hint = "add inputs to the trigger, or defaults to the inputs"
            yield Sighting("H7", subject.key, text, hint=hint, at=("triggers", index))


def _inputs(flow: Value) -> dict[str, Value]:
    return {name: item for name, (_, item) in by_id(flow, "inputs").items()}


def _subflow_calls(world: World, key: FlowKey) -> list[Call]:
    return [call for call in world.callers(key) if call.relation == "subflow"]


def _task(world: World, call: Call) -> Value | None:
    """The task that calls; None when the caller's text is not known."""
    found: object = world.afterwards(call.caller) if call.place else None
    try:
        path = parse_place(found, call.place) if found is not None else ()
    except PlaceError:
        return None
    for step in path:
        found = found[step] if isinstance(found, (dict, list)) else None  # type: ignore[index]  # by its own path
    return found if isinstance(found, dict) else None
