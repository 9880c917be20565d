"""Every task of a flow, at any depth, whatever its type.

The walk knows where tasks may stand (flow-language sheet, sections 1 and 4), not what they mean, so that it works for
flows with plugins that nobody here has heard of.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.findings import Path

FLOW_LISTS = ("tasks", "errors", "finally", "afterExecution", "errorHandling")
CHILD_LISTS = (
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
CHILD_TASKS = ("task", "onPause")

Task = dict[str, object]


def walk_tasks(value: object) -> Iterator[tuple[Path, Task]]:
    """Every task with its path, parents before their children, in the order of the text.

    `value` is a flow as plain data; whatever is not a map where a task belongs is left out, never an error.
    """
    if not isinstance(value, dict):
        return
    for name in FLOW_LISTS:
        yield from _in_list(value.get(name), (name,))
    listeners = value.get("listeners")
    for index, listener in enumerate(listeners if isinstance(listeners, list) else ()):
        if isinstance(listener, dict):
            yield from _in_list(listener.get("tasks"), ("listeners", index, "tasks"))


def children(task: Task, path: Path) -> Iterator[tuple[Path, Task]]:
    """The tasks below one task, at any depth."""
    for name, held in task.items():
        if name in CHILD_LISTS:
            yield from _in_list(held, (*path, name))
        elif name in CHILD_TASKS and _looks_like_task(held):
            yield from _one(held, (*path, name))
        elif name == "cases" and isinstance(held, dict):
            for case, tasks in held.items():
                yield from _in_list(tasks, (*path, name, case))


def _in_list(items: object, path: Path) -> Iterator[tuple[Path, Task]]:
    if not isinstance(items, list):
        return
    for index, item in enumerate(items):
        if isinstance(item, dict):
            if isinstance(item.get("task"), dict) and "type" not in item:
                yield from _one(item["task"], (*path, index, "task"))
            elif _looks_like_task(item):
                yield from _one(item, (*path, index))


def _one(task: object, path: Path) -> Iterator[tuple[Path, Task]]:
    assert isinstance(task, dict)
    yield path, task
    yield from children(task, path)


def _looks_like_task(value: object) -> bool:
    return isinstance(value, dict) and ("type" in value or "id" in value)
