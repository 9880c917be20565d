"""What an expression at a place of a flow can name, as an editor offers it: full names, sorted within each group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.types import find_type
from flowctl.language.walk import walk_tasks
from flowctl.model.environment import Dialect

EXECUTION = (
    "execution.id",
    "execution.originalId",
    "execution.startDate",
    "execution.state",
    "flow.id",
    "flow.namespace",
    "flow.revision",
    "flow.tenantId",
    "labels.system.correlationId",
    "labels.system.from",
    "task.id",
    "task.type",
    "taskrun.attemptsCount",
    "taskrun.id",
    "taskrun.startDate",
)
"""There in every task."""
LOOPS = ("io.kestra.plugin.core.flow.Loop",)
EACH = frozenset(f"io.kestra.plugin.core.flow.{name}" for name in ("ForEach", "EachSequential", "EachParallel"))
IN_LOOP = ("item.index", "item.key", "item.value")
IN_EACH = ("taskrun.iteration", "taskrun.value")
APP = ("kestra.url",)


def offered(flow: Mapping[str, object], task_id: str | None, dialect: Dialect) -> dict[str, list[str]]:
    """`taskOutputs`, `executionContext`, `inputs`, `variables`, `appContext` of a flow as plain data.

    With a task only outputs of tasks that stand before it; None: of all.

    Raises:
        KeyError: the flow has no such task.
    """
    return {
        "taskOutputs": sorted(set(_outputs(flow, task_id, dialect))),
        "executionContext": sorted({*EXECUTION, *_surrounding(flow, task_id), *_triggers(flow, dialect)}),
        "inputs": sorted(_step("inputs", name) for name in _ids(flow.get("inputs"))),
        "variables": sorted(_step("vars", name) for name in _names(flow.get("variables"))),
        "appContext": list(APP),
    }


def _outputs(flow: Mapping[str, object], task_id: str | None, dialect: Dialect) -> Iterator[str]:
    for _, task in walk_tasks(flow):
        if task_id is not None and task.get("id") == task_id:
            return
        found = find_type(str(task.get("type", "")), dialect)
        start = _step("outputs", str(task.get("id")))
        yield from (f"{start}.{name}" for name in (found.spec.outputs if found is not None else ()))
    if task_id is not None:
        raise KeyError(task_id)


def _surrounding(flow: Mapping[str, object], task_id: str | None) -> Iterator[str]:
    """What the loops around a task add."""
    tasks = list(walk_tasks(flow))
    place = next((path for path, task in tasks if task.get("id") == task_id), None)
    for path, task in tasks if place is not None else ():
        if place is not None and len(path) < len(place) and place[: len(path)] == path:
            kind = str(task.get("type"))
            yield from IN_LOOP if kind in LOOPS else IN_EACH if kind in EACH else ()


def _triggers(flow: Mapping[str, object], dialect: Dialect) -> Iterator[str]:
    triggers = flow.get("triggers")
    for trigger in triggers if isinstance(triggers, list) else ():
        found = find_type(str(trigger.get("type", "")), dialect) if isinstance(trigger, dict) else None
        yield from (f"trigger.{name}" for name in (found.spec.outputs if found is not None else ()))


def _step(start: str, name: str) -> str:
    """A name behind a dot, or in brackets where a dot would not do."""
    return f"{start}.{name}" if name.isidentifier() else f"{start}['{name}']"


def _ids(items: object) -> list[str]:
    found = items if isinstance(items, list) else []
    return [str(item["id"]) for item in found if isinstance(item, dict) and item.get("id")]


def _names(values: object) -> list[str]:
    return [str(name) for name, value in values.items() if value is not None] if isinstance(values, dict) else []
