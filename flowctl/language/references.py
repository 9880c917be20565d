"""Which flows a flow names: the children it calls and the flows whose executions start it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from flowctl.flowtext.places import format_place
from flowctl.language.findings import Path
from flowctl.language.walk import walk_tasks
from flowctl.model.project import FlowReference

_CALLS = ("Subflow", "ForEachItem", "Flow")
_CALL_PACKAGES = ("io.kestra.plugin.core.flow", "io.kestra.core.tasks.flows")
_TRIGGERS = ("io.kestra.plugin.core.trigger.Flow", "io.kestra.core.models.triggers.types.Flow")
_OWN_NAMESPACE = frozenset({"{{flow.namespace}}"})

Relation = Literal["subflow", "trigger"]


def references(value: object) -> tuple[FlowReference, ...]:
    """What a flow (plain data) refers to, in the order of the text.

    Subflow and ForEachItem tasks at any depth, Flow triggers by `dependsOn`, `preconditions.flows` and conditions
    that name a flow. `{{ flow.namespace }}` is resolved; any other expression makes a reference `dynamic`.
    """
    if not isinstance(value, dict):
        return ()
    own = value.get("namespace")
    found = [
        _reference("subflow", task, path, value, own if isinstance(own, str) else "")
        for path, task in walk_tasks(value)
        if _calls(task)
    ]
    for path, named in _trigger_names(value):
        found.append(_reference("trigger", named, path, value, own if isinstance(own, str) else ""))
    return tuple(reference for reference in found if reference is not None)


def _calls(task: Mapping[str, object]) -> bool:
    package, _, name = str(task.get("type", "")).rpartition(".")
    return name in _CALLS and package in _CALL_PACKAGES


def _reference(
    relation: Relation, named: Mapping[str, object], path: Path, value: object, own: str
) -> FlowReference | None:
    flow_id, namespace = named.get("flowId"), named.get("namespace")
    if not isinstance(flow_id, str) or not flow_id:
        return None
    namespace = namespace if isinstance(namespace, str) else own
    if namespace.replace(" ", "") in _OWN_NAMESPACE:
        namespace = own
    dynamic = "{{" in flow_id or "{{" in namespace or "{%" in flow_id or "{%" in namespace
    return FlowReference(relation, namespace, flow_id, format_place(value, path), dynamic)


def _trigger_names(value: Mapping[str, object]) -> Iterator[tuple[Path, Mapping[str, object]]]:
    triggers = value.get("triggers")
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        if isinstance(trigger, dict) and trigger.get("type") in _TRIGGERS:
            path: Path = ("triggers", index)
            yield from _items(trigger.get("dependsOn"), (*path, "dependsOn"))
            yield from _conditions(trigger.get("conditions"), (*path, "conditions"))
            preconditions = trigger.get("preconditions")
            if isinstance(preconditions, dict):
                yield from _items(preconditions.get("flows"), (*path, "preconditions", "flows"))


def _items(items: object, path: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, index), item


def _conditions(items: object, path: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Conditions that name a flow; those below a `Not` exclude flows and are no reference."""
    pairs = enumerate(items) if isinstance(items, list) else items.items() if isinstance(items, dict) else ()
    for key, item in pairs:
        if isinstance(item, dict):
            kind = str(item.get("type", "")).rpartition(".")[2].removesuffix("Condition")
            if kind == "ExecutionFlow":
                yield (*path, key), item
            elif kind in ("Or", "Multiple"):
                yield from _conditions(item.get("conditions"), (*path, key, "conditions"))
