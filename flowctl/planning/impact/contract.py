"""A flow's interface: its inputs, outputs and webhook addresses, and how a change of it is felt by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.asleep import asleep_at
from flowctl.language.flags import is_off
from flowctl.language.options import texts
from flowctl.model.impact import ContractChange
from flowctl.planning.hazards.world import Value, by_id, is_core_trigger

BREAKING, COMPATIBLE, COSMETIC = "breaking", "compatible", "cosmetic"
_COSMETIC = frozenset(("description", "displayName", "dependsOn", "prefill"))
_LIMITS = ("min", "max", "validator", "after", "before", "allowedFileExtensions", "maxSize")
_ORDER = {BREAKING: 0, COMPATIBLE: 1, COSMETIC: 2}


def contract_changes(before: Value | None, after: Value | None) -> tuple[ContractChange, ...]:
    """What differs in the interface, what breaks first. A flow that is new or goes has no change of an interface."""
    if before is None or after is None:
        return ()
    found = [*_inputs(before, after), *_outputs(before, after), *_webhooks(before, after)]
    return tuple(sorted(found, key=lambda change: _ORDER[change.grade]))


def required(item: Value) -> bool:
    """Whether whoever starts the flow has to give a value for an input."""
    return not is_off(item.get("required")) and "defaults" not in item and not item.get("dependsOn")


def _inputs(before: Value, after: Value) -> Iterator[ContractChange]:
    old, new = by_id(before, "inputs"), by_id(after, "inputs")
    for name in old.keys() - new.keys():
        yield ContractChange(BREAKING, f"input {name} goes")
    for name, (_, item) in new.items():
        if name not in old:
            grade, how = (BREAKING, "required") if required(item) else (COMPATIBLE, "optional")
            yield ContractChange(grade, f"{how} input {name} is new")
        elif old[name][1] != item:
            yield from _input(name, old[name][1], item)


def _input(name: str, old: Value, new: Value) -> Iterator[ContractChange]:
    if old.get("type") != new.get("type"):
        yield ContractChange(BREAKING, f"input {name} changes its type from {old.get('type')} to {new.get('type')}")
    if required(new) and not required(old):
        yield ContractChange(BREAKING, f"input {name} becomes required")
    elif required(old) and not required(new):
        yield ContractChange(COMPATIBLE, f"input {name} is no longer required")
    elif old.get("defaults") != new.get("defaults"):
        yield ContractChange(COMPATIBLE, f"the default of input {name} changes")
    yield from _values(name, old, new)
    if any(old.get(member) != new.get(member) for member in _COSMETIC):
        yield ContractChange(COSMETIC, f"the description of input {name} changes")


def _values(name: str, old: Value, new: Value) -> Iterator[ContractChange]:
    was, will = _choices(old), _choices(new)
    gone = sorted(was - will) if was and will else []
    if gone:
        yield ContractChange(BREAKING, f"input {name} no longer takes {', '.join(gone)}")
    elif was != will:
        yield ContractChange(COMPATIBLE, f"input {name} takes other values")
    tighter = [limit for limit in _LIMITS if limit in new and old.get(limit) != new.get(limit)]
    if tighter:
        yield ContractChange(BREAKING, f"the limits of input {name} change: {', '.join(tighter)}")


def _choices(item: Value) -> set[str]:
    values = item.get("values", item.get("options"))
    return set(texts(values))


def _outputs(before: Value, after: Value) -> Iterator[ContractChange]:
    old, new = by_id(before, "outputs"), by_id(after, "outputs")
    for name in old.keys() - new.keys():
        yield ContractChange(BREAKING, f"output {name} goes")
    for name in new.keys() - old.keys():
        yield ContractChange(COMPATIBLE, f"output {name} is new")
    for name in sorted(old.keys() & new.keys()):
        was, will = old[name][1], new[name][1]
        if was.get("type") != will.get("type"):
            yield ContractChange(
                BREAKING, f"output {name} changes its type from {was.get('type')} to {will.get('type')}"
            )


def _webhooks(before: Value, after: Value) -> Iterator[ContractChange]:
    old, new = _keys(before), _keys(after)
    for name, key in old.items():
        if key not in new.values():
            yield ContractChange(BREAKING, f"the address of webhook {name} changes or goes")
    for name, key in new.items():
        if key not in old.values() and name not in old:
            yield ContractChange(COMPATIBLE, f"webhook {name} is new")


def _keys(flow: Value) -> Mapping[str, object]:
    hooks = by_id(flow, "triggers").items()
    return {
        name: hook.get("key")
        for name, (index, hook) in hooks
        if is_core_trigger(hook, "Webhook") and not asleep_at(flow, ("triggers", index))
    }
