"""`null` where a task, trigger, input or any other element belongs.

A real server saves such a flow and then stops for good or spins on it, so it is refused
before anybody sends it. Free data (variables, labels, defaults, plugin values) may hold nulls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowctl.language.findings import Finding, Path
from flowctl.language.validation.context import index_text
from flowctl.language.walk import CHILD_LISTS, Task, walk_tasks

FLOW_LISTS = (
    "tasks",
    "errors",
    "finally",
    "afterExecution",
    "listeners",
    "triggers",
    "inputs",
    "outputs",
    "pluginDefaults",
    "taskDefaults",
    "sla",
    "checks",
    "labels",
    "quotas",
)
FREE = frozenset(("inputs", "labels", "body", "formData", "headers", "options", "value", "values", "assets"))
"""Members of triggers that hold free data."""
TASK_LISTS = CHILD_LISTS | {"onResume", "inputs", "outputs"}


def null_elements(flow: Mapping[str, object]) -> list[Finding]:
    """Every null element of a flow, and nothing else: for a look before a flow is sent."""
    found: list[Finding] = []
    check_nulls(flow, list(walk_tasks(flow)), found)
    return found


def check_nulls(flow: Mapping[str, object], tasks: Sequence[tuple[Path, Task]], found: list[Finding]) -> None:
    """One error per null element, at any depth of the structure. `tasks` are all tasks of the flow."""
    for name in FLOW_LISTS:
        _elements(flow.get(name), (name,), found)
    for path, task in tasks:
        _task(task, path, found)
    triggers = flow.get("triggers")
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        _anywhere(trigger, ("triggers", index), found)
    _forms(flow.get("inputs"), ("inputs",), found)
    listeners = flow.get("listeners")
    for index, listener in enumerate(listeners if isinstance(listeners, list) else ()):
        if isinstance(listener, dict):
            _elements(listener.get("tasks"), ("listeners", index, "tasks"), found)


def _task(task: Task, path: Path, found: list[Finding]) -> None:
    for name, held in task.items():
        if type(held) is list and name in TASK_LISTS:
            _elements(held, (*path, name), found)
            for index, item in enumerate(held):
                if isinstance(item, dict) and "dependsOn" in item:
                    _member(item, (*path, name, index), found)
    cases = task.get("cases")
    if isinstance(cases, dict):
        for case, tasks in cases.items():
            _elements(tasks, (*path, "cases", case), found)


def _member(member: Mapping[str, object], path: Path, found: list[Finding]) -> None:
    """What a Dag wraps around a task: it would wait for a task without a name for ever."""
    if member.get("task", 0) is None:
        found.append(null((*path, "task")))
    _elements(member["dependsOn"], (*path, "dependsOn"), found)


def _anywhere(value: object, path: Path, found: list[Finding]) -> None:
    """Nulls in the lists of a trigger, at any depth: conditions inside conditions, flows of preconditions."""
    if isinstance(value, dict):
        for name, held in value.items():
            if isinstance(held, (dict, list)) and name not in FREE:
                _anywhere(held, (*path, name), found)
    elif isinstance(value, list):
        _elements(value, path, found)
        for index, held in enumerate(value):
            _anywhere(held, (*path, index), found)


def _forms(inputs: object, path: Path, found: list[Finding]) -> None:
    for index, held in enumerate(inputs if isinstance(inputs, list) else ()):
        if isinstance(held, dict) and isinstance(held.get("inputs"), list):
            _elements(held["inputs"], (*path, index, "inputs"), found)
            _forms(held["inputs"], (*path, index, "inputs"), found)


def _elements(items: object, path: Path, found: list[Finding]) -> None:
    if isinstance(items, list) and None in items:
        found.extend(null((*path, index)) for index, item in enumerate(items) if item is None)


def null(path: Path) -> Finding:
    """The error for a null at a path."""
    text = index_text(path)
    hint = "remove the empty entry, or write what belongs there"
    return Finding(path, "must not be null", "error", "F302", hint, shown=text)
