"""The tasks of a flow before and after as one graph, so that a picture can tell them apart."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.walk import Task, walk_tasks
from flowctl.model.impact import TaskEdge, TaskGraph, TaskMark, TaskNode

Value = Mapping[str, object]
MOST = 60
"""A picture of more tasks than this helps nobody."""
_TOGETHER = ("Parallel", "EachParallel")
Tasks = dict[str, tuple[Path, Task]]


def task_graph(before: Value | None, after: Value | None) -> TaskGraph | None:
    """All tasks of both sides; None when no task differs, none of the sides can be read, or there are too many."""
    old, new = _tasks(before), _tasks(after)
    names = [*new, *(name for name in old if name not in new)]
    nodes = tuple(TaskNode(name, _type(new.get(name) or old[name]), _mark(name, old, new)) for name in names)
    if len(nodes) > MOST or all(node.mark is TaskMark.SAME for node in nodes):
        return None
    kept, gone = set(_edges(after, new)), set(_edges(before, old))
    edges = [TaskEdge(*edge, TaskMark.SAME if edge in gone else TaskMark.ADDED) for edge in kept]
    edges += [TaskEdge(*edge, TaskMark.REMOVED) for edge in gone - kept]
    return TaskGraph(nodes, tuple(sorted(edges, key=lambda edge: (edge.source, edge.target, edge.mark))))


def _tasks(value: Value | None) -> Tasks:
    found: Tasks = {}
    for path, task in walk_tasks(dict(value) if value is not None else None):
        name = task.get("id")
        if isinstance(name, str):
            found.setdefault(name, (path, task))
    return found


def _type(found: tuple[Path, Task]) -> str:
    return str(found[1].get("type", "")).rpartition(".")[2]


def _mark(name: str, old: Tasks, new: Tasks) -> TaskMark:
    if name not in old:
        return TaskMark.ADDED
    if name not in new:
        return TaskMark.REMOVED
    return TaskMark.SAME if _own(old[name][1]) == _own(new[name][1]) else TaskMark.CHANGED


def _own(task: Task) -> dict[str, object]:
    """What a task says itself, without the tasks inside it: they have marks of their own."""
    inner = {path[0] for path, _ in walk_tasks({"tasks": [task]}) if len(path) > 2 for path in (path[2:],)}
    return {name: value for name, value in task.items() if name not in inner}


def _edges(value: Value | None, tasks: Tasks) -> list[tuple[str, str]]:
    """What follows what: in a list the next one, under a flowable its first one, in a Dag what depends on it."""
    by_path = {path: name for name, (path, _) in tasks.items()}
    found: list[tuple[str, str]] = []
    last: dict[Path, str] = {}
    for name, (path, _) in tasks.items():
        place = path[:-2] if path[-1] == "task" else path[:-1]
        owner = _owner(place, by_path)
        needs = _depends(value, path)
        if needs is not None:
            found += [(need, name) for need in needs if need in tasks] or ([(owner, name)] if owner else [])
        elif owner and (place not in last or _type(tasks[owner]).endswith(_TOGETHER)):
            found.append((owner, name))
        elif place in last:
            found.append((last[place], name))
        last[place] = name
    return found


def _owner(place: Path, by_path: Mapping[Path, str]) -> str | None:
    for length in range(len(place), 0, -1):
        if place[:length] in by_path:
            return by_path[place[:length]]
    return None


def _depends(value: Value | None, path: Path) -> list[str] | None:
    """What a member of a Dag waits for; None for any other task."""
    if path[-1] != "task":
        return None
    here: object = value
    for step in path[:-1]:
        if isinstance(here, list):
            here = here[int(step)]
        elif isinstance(here, dict):
            here = here.get(str(step))
    needs = here.get("dependsOn") if isinstance(here, dict) else None
    return [str(need) for need in needs] if isinstance(needs, list) else []
