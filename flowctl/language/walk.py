"""Every task of a flow, at any depth, whatever its type.

The walk knows where tasks may stand, not what they mean, so that it works for
flows with plugins that nobody here has heard of.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.findings import Path

FLOW_LISTS = ("tasks", "errors", "finally", "afterExecution", "errorHandling")
CHILD_LISTS = frozenset(
    (
        "tasks",
        "then",
        "else",
        "defaults",
        "errors",
        "finally",
        "onWait",
        "onApprove",
        "onDeny",
    )
)
CHILD_TASKS = frozenset(("task", "onPause"))
_CHILDREN = CHILD_LISTS | CHILD_TASKS | {"cases"}

Task = dict[str, object]
Found = list[tuple[Path, Task]]


def walk_tasks(value: object) -> Iterator[tuple[Path, Task]]:
    """Every task with its path, parents before their children, in the order of the text.

    `value` is a flow as plain data; whatever is not a map where a task belongs is left out, never an error.
    """
    return iter(all_tasks(value))


def all_tasks(value: object) -> Found:
    """The same as a list, for whoever goes through it several times."""
    found: Found = []
    if isinstance(value, dict):
        for name in FLOW_LISTS:
            if name in value:
                _in_list(value[name], (name,), found)
        listeners = value.get("listeners")
        for index, listener in enumerate(listeners if isinstance(listeners, list) else ()):
            if isinstance(listener, dict):
                _in_list(listener.get("tasks"), ("listeners", index, "tasks"), found)
    return found


def _in_list(items: object, path: Path, found: Found) -> None:
    if not isinstance(items, list):
        return
    for index, item in enumerate(items):
        if isinstance(item, dict):
            if "type" in item or "id" in item:
                _task(item, (*path, index), found)
            elif isinstance(item.get("task"), dict):
                _task(item["task"], (*path, index, "task"), found)


def _task(task: Task, path: Path, found: Found) -> None:
    found.append((path, task))
    if _CHILDREN.isdisjoint(task):
        return
    for name, held in task.items():
        if name in CHILD_LISTS:
            _in_list(held, (*path, name), found)
        elif name in CHILD_TASKS:
            if isinstance(held, dict) and ("type" in held or "id" in held):
                _task(held, (*path, name), found)
        elif name == "cases" and isinstance(held, dict):
            for case, tasks in held.items():
                _in_list(tasks, (*path, name, case), found)
