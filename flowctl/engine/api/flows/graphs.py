"""A flow's tasks as a graph of nodes, edges and clusters, for drawing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from flowctl.language.types import find_type
from flowctl.model.environment import Dialect

PACKAGE = "io.kestra.core.models.hierarchies"
SIDE_BY_SIDE = frozenset({"Parallel", "Dag", "EachParallel"})
LISTS = ("errors", "finally")
Task = Mapping[str, object]
Find = Callable[[Task], Task]


def _nowhere(task: Task) -> Task:
    raise LookupError(f"nobody said where the flow of {task.get('id')} is")


@dataclass(slots=True)
class Graph:
    """The answer in the making. The tasks named in `expanded` by their uid show the flow that they call, which `find`
    gives; `open` are the clusters around what is added."""

    expanded: frozenset[str] = frozenset()
    find: Find = _nowhere
    open: list[str] = field(default_factory=list)
    nodes: list[dict[str, object]] = field(default_factory=list)
    edges: list[dict[str, object]] = field(default_factory=list)
    clusters: list[dict[str, object]] = field(default_factory=list)

    def node(self, kind: str, uid: str, **members: object) -> str:
        """Add a node; returns its uid."""
        self.nodes.append({"uid": uid, "type": f"{PACKAGE}.{kind}", **members})
        return uid

    def edge(self, source: str, target: str, relation: Mapping[str, object] | None = None) -> None:
        """Add an edge."""
        self.edges.append({"source": source, "target": target, "relation": dict(relation or {})})

    def as_json(self) -> dict[str, object]:
        """The answer."""
        return {"nodes": self.nodes, "edges": self.edges, "clusters": self.clusters, "flowables": []}


def flow_graph(value: Task, dialect: Dialect, expanded: Iterable[str] = (), find: Find = _nowhere) -> Graph:
    """The graph of a flow given as plain data. Ids of its ends are made from the flow's text, so they are stable.

    `expanded`: uids of tasks whose called flow is shown as well; `find` gives that flow, and may raise."""
    graph = Graph(frozenset(expanded), find)
    root = graph.node("GraphClusterRoot", f"root.root-{mark(value, 'root')}")
    end = graph.node("GraphClusterEnd", f"root.end-{mark(value, 'end')}")
    _sequence(graph, _tasks(value.get("tasks")), "root", root, end, dialect)
    for name in LISTS:
        _apart(graph, _tasks(value.get(name)), f"root.{name}", end, dialect)
    return graph


def mark(value: object, word: str) -> str:
    """A word of 22 letters and digits with at least one digit, the same for the same value."""
    number = int.from_bytes(hashlib.sha256(f"{word}\n{value!r}".encode("utf-8", "replace")).digest()[:16], "big")
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    out = ""
    for _ in range(21):
        number, rest = divmod(number, len(letters))
        out += letters[rest]
    return "1" + out


def _tasks(held: object) -> list[Task]:
    return [item for item in held if isinstance(item, dict)] if isinstance(held, list) else []


def _sequence(graph: Graph, tasks: list[Task], prefix: str, start: str, end: str, dialect: Dialect) -> None:
    before = start
    for task in tasks:
        first, last = _task(graph, task, prefix, dialect)
        graph.edge(before, first)
        before = last
    graph.edge(before, end)


def _apart(graph: Graph, tasks: list[Task], prefix: str, start: str, dialect: Dialect) -> None:
    """Tasks that run only on an error or at the end: a chain that nothing follows."""
    before = start
    for task in tasks:
        first, last = _task(graph, task, prefix, dialect)
        graph.edge(before, first, {"relationType": "ERROR"})
        before = last


def _task(graph: Graph, task: Task, prefix: str, dialect: Dialect) -> tuple[str, str]:
    """Add a task, and a cluster of what it holds; returns where edges come in and go out."""
    uid = f"{prefix}.{task.get('id')}"
    branches = list(_branches(task, dialect))
    plain = {key: member for key, member in task.items() if member is not None}
    calls = isinstance(task.get("flowId"), str) and isinstance(task.get("namespace"), str)
    graph.node("SubflowGraphTask" if calls else "GraphTask", uid, task=plain, relationType="SEQUENTIAL")
    if calls and uid in graph.expanded:
        flow = graph.find(task)
        with _cluster(graph, uid, "SubflowGraphCluster", mark(flow, uid)) as end:
            _sequence(graph, _tasks(flow.get("tasks")), uid, uid, end, dialect)
            for name in LISTS:
                _apart(graph, _tasks(flow.get(name)), f"{uid}.{name}", end, dialect)
        return uid, end
    if not branches:
        return uid, uid
    with _cluster(graph, uid, "GraphCluster", mark(task, "end")) as end:
        for relation, tasks in branches:
            _branch(graph, task, tasks, uid, end, relation, dialect)
    return uid, end


@contextmanager
def _cluster(graph: Graph, uid: str, kind: str, id_: str) -> Iterator[str]:
    """A cluster of what is added inside of the `with`, which begins at the node that was added last; gives its end."""
    inside, name, parents = len(graph.nodes), f"cluster_{uid}", list(graph.open)
    end = graph.node("GraphClusterEnd", f"{uid}.end-{id_}")
    graph.open.append(name)
    yield end
    graph.open.pop()
    graph.clusters.append(
        {
            "cluster": {"uid": name, "type": f"{PACKAGE}.{kind}", "taskNode": graph.nodes[inside - 1]},
            "nodes": [node["uid"] for node in graph.nodes[inside:]],
            "parents": parents,
            "start": uid,
            "end": end,
        }
    )


def _branch(
    graph: Graph, owner: Task, tasks: list[Task], uid: str, end: str, relation: Mapping[str, object], dialect: Dialect
) -> None:
    if str(owner.get("type", "")).rpartition(".")[2] in SIDE_BY_SIDE:
        for task in tasks:
            first, last = _task(graph, task, uid, dialect)
            graph.edge(uid, first, relation)
            graph.edge(last, end)
        return
    before = uid
    for task in tasks:
        first, last = _task(graph, task, uid, dialect)
        graph.edge(before, first, relation if before == uid else None)
        before = last
    graph.edge(before, end)


def _branches(task: Task, dialect: Dialect) -> Iterator[tuple[dict[str, object], list[Task]]]:
    """The lists of tasks a task holds, each with the relation its first edge has."""
    found = find_type(str(task.get("type", "")), dialect)
    for name, shape in (found.spec.children if found else {}).items():
        held = task.get(name)
        if shape == "cases" and isinstance(held, dict):
            for case, tasks in held.items():
                yield {"relationType": "CHOICE", "value": str(case)}, _tasks(tasks)
        elif shape == "dag":
            steps = [item.get("task") for item in _tasks(held)]
            yield {"relationType": "DYNAMIC"}, [step for step in steps if isinstance(step, dict)]
        elif shape == "single" and isinstance(held, dict):
            yield {"relationType": "SEQUENTIAL"}, [held]
        elif _tasks(held):
            yield {"relationType": "ERROR" if name in LISTS else "SEQUENTIAL"}, _tasks(held)
