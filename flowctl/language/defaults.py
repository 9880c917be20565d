"""`pluginDefaults`: properties that a flow or a server gives to every task, trigger or runner of a type.

The first listed entry wins, a type may be a prefix, an old type name
reaches the new type (not the other way), maps merge deeply, two lists are joined. Everything here is pure: the
flow that comes in is not changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowctl.language.flags import is_on
from flowctl.language.types import find_type
from flowctl.model.environment import Dialect

_FREE = frozenset(("inputs", "outputs", "labels", "variables", "pluginDefaults", "taskDefaults", "retry", "sla"))
"""Members that hold maps with a `type` which is no plugin's."""


@dataclass(frozen=True, slots=True)
class Default:
    """One entry: `values` for every type that is `type` or begins with it."""

    type: str
    values: Mapping[str, object]
    forced: bool = False


def read_defaults(flow: Mapping[str, object]) -> tuple[Default, ...]:
    """The sound entries of a flow's `pluginDefaults` (or `taskDefaults`), in order."""
    entries = flow.get("pluginDefaults", flow.get("taskDefaults"))
    return tuple(
        Default(entry["type"], entry["values"], is_on(entry.get("forced")))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("type"), str) and isinstance(entry.get("values"), dict)
    )


def apply_defaults(
    flow: Mapping[str, object], server: Sequence[Default] = (), dialect: Dialect = "lenient"
) -> dict[str, object]:
    """The flow with its defaults filled in, at any depth.

    A plain default fills what is left out (task, then flow, then server); a forced one overrides (server, then flow,
    then task).
    """
    own = read_defaults(flow)
    if not own and not server:
        return dict(flow)
    plain = [entry for entry in (*own, *server) if not entry.forced]
    forced = [entry for entry in (*reversed(own), *reversed(server)) if entry.forced]
    merged = {}
    for name, value in flow.items():
        merged[name] = value if name in _FREE else _walk(value, plain, forced, dialect)
    return merged


def merge(first: object, second: object) -> object:
    """`first` with what only `second` has: maps deeply, two lists joined (`second` before `first`)."""
    if isinstance(first, dict) and isinstance(second, dict):
        result = dict(second)
        for name, value in first.items():
            result[name] = merge(value, second[name]) if name in second else value
        return result
    if isinstance(first, list) and isinstance(second, list):
        return [*second, *first]
    return first


def _walk(value: object, plain: Sequence[Default], forced: Sequence[Default], dialect: Dialect) -> object:
    if isinstance(value, list):
        return [_walk(item, plain, forced, dialect) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, object] = dict(value)
    kind = value.get("type")
    if isinstance(kind, str):
        result = _fill(result, kind, plain, forced, dialect)
    return {name: item if name in _FREE else _walk(item, plain, forced, dialect) for name, item in result.items()}


def _fill(
    task: dict[str, object], kind: str, plain: Sequence[Default], forced: Sequence[Default], dialect: Dialect
) -> dict[str, object]:
    for entry in plain:
        if _covers(entry.type, kind, dialect):
            merged = merge(task, dict(entry.values))
            assert isinstance(merged, dict)
            task = {**{name: merged[name] for name in task}, **merged}
    for entry in forced:
        if _covers(entry.type, kind, dialect):
            merged = {**task, **{name: _override(task.get(name), value) for name, value in entry.values.items()}}
            task = {**merged, "id": task["id"]} if "id" in task else merged
    return task


def _override(own: object, value: object) -> object:
    """A forced value over the task's own: maps deeply, lists joined (task, then default), all else replaced."""
    if isinstance(own, dict) and isinstance(value, dict):
        return {**own, **{name: _override(own.get(name), item) for name, item in value.items()}}
    if isinstance(own, list) and isinstance(value, list):
        return [*own, *value]
    return value


def _covers(listed: str, kind: str, dialect: Dialect) -> bool:
    if kind.startswith(listed):
        return True
    found = find_type(listed, dialect)
    return found is not None and found.deprecated_alias is not None and found.canonical == kind
