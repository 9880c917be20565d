"""The older state.* tasks, kept in the key-value store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure

_PREFIX = "io.kestra.plugin.core.state."


def state_key(context: RunContext, properties: Properties) -> str:
    """`<flow>_states_tasks-states_<name>`, with a suffix for each value of an each-task."""
    name = properties.text("name") or "default"
    owner = "" if properties.flag("namespace") else context.place.flow_id.replace("_", "-").lower() + "_"
    key = f"{owner}states_tasks-states_{name}"
    value = context.place.value
    if value is not None and properties.flag("taskrunValue", True):
        key += "_" + hashlib.sha256(value.encode()).hexdigest()[:16]
    return key


def _load(context: RunContext, key: str) -> dict[str, object] | None:
    value = context.kv.get(context.place.namespace, key)
    return value if isinstance(value, dict) else None


def _merged(before: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Both, maps inside merged as well."""
    found = dict(before)
    for name, value in new.items():
        old = found.get(name)
        found[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


class Set(BuiltIn):
    """Merges data into a state, deeply."""

    name = _PREFIX + "Set"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`count` members, `key`."""
        key = state_key(context, properties)
        data = _merged(_load(context, key) or {}, properties.mapping("data"))
        context.kv.set(
            context.place.namespace, key, data, kind="JSON", overwrite=True, ttl=None, description="state of a flow"
        )
        return {"count": len(data), "key": key}


class Get(BuiltIn):
    """Reads a state."""

    name = _PREFIX + "Get"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`count`, `data`."""
        key = state_key(context, properties)
        data = _load(context, key)
        if data is None and properties.flag("errorOnMissing"):
            raise TaskFailure(f"State {key} not found")
        return {"count": len(data or {}), "data": data or {}}


class Delete(BuiltIn):
    """Removes a state."""

    name = _PREFIX + "Delete"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`deleted`."""
        deleted = context.kv.delete(context.place.namespace, state_key(context, properties))
        if not deleted and properties.flag("errorOnMissing"):
            raise TaskFailure(f"Unable to find the state file '{properties.text('name') or 'default'}'")
        return {"deleted": deleted}


TASKS: list[Task] = [Set(), Get(), Delete()]
