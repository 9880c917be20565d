from __future__ import annotations

from typing import Any

from flowctl.flowtext.document import parse
from flowctl.planning.impact.tasks import MOST, task_graph
from flowctl.views.graphs.tasks import task_mermaid

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow"


def value(text: str) -> dict[str, Any]:
    found = parse(text).value
    assert isinstance(found, dict)
    return found


def flow(*tasks: str) -> dict[str, Any]:
    return value("id: f\nnamespace: n\ntasks:\n" + "".join(f"  - {task}\n" for task in tasks))


def log(name: str, message: str = "x") -> str:
    return f"{{id: {name}, type: {LOG}, message: {message}}}"


def marks(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, str]:
    graph = task_graph(before, after)
    return {node.id: node.mark.value for node in graph.nodes} if graph else {}


def edges(before: dict[str, Any], after: dict[str, Any]) -> set[tuple[str, str, str]]:
    graph = task_graph(before, after)
    assert graph is not None
    return {(edge.source, edge.target, edge.mark.value) for edge in graph.edges}


def test_what_comes_goes_and_changes() -> None:
    before, after = flow(log("a"), log("b"), log("c")), flow(log("a"), log("c", "y"), log("d"))
    assert marks(before, after) == {"a": "same", "c": "changed", "d": "added", "b": "removed"}
    assert edges(before, after) == {
        ("a", "b", "removed"),
        ("b", "c", "removed"),
        ("a", "c", "added"),
        ("c", "d", "added"),
    }


def test_nothing_to_draw_where_no_task_differs() -> None:
    same = flow(log("a"))
    assert task_graph(same, {**same, "description": "new"}) is None
    assert task_graph(None, None) is None


def test_a_flowable_changes_only_when_it_says_something_else_itself() -> None:
    def group(message: str) -> dict[str, Any]:
        return flow(f"{{id: g, type: {FLOW}.Sequential, tasks: [{log('x', message)}, {log('y')}]}}")

    assert marks(group("1"), group("2")) == {"g": "same", "x": "changed", "y": "same"}
    assert edges(group("1"), group("2")) == {("g", "x", "same"), ("x", "y", "same")}


def test_what_runs_together_has_no_order() -> None:
    def group(message: str) -> dict[str, Any]:
        return flow(f"{{id: g, type: {FLOW}.Parallel, tasks: [{log('x', message)}, {log('y')}]}}", log("z"))

    assert edges(group("1"), group("2")) == {("g", "x", "same"), ("g", "y", "same"), ("g", "z", "same")}


def test_a_dag_is_drawn_by_what_waits_for_what() -> None:
    def dag(needs: str) -> dict[str, Any]:
        members = f"{{task: {log('x')}}}, {{task: {log('y')}, dependsOn: [{needs}]}}, {{task: {log('z', needs)}}}"
        return flow(f"{{id: d, type: {FLOW}.Dag, tasks: [{members}]}}")

    assert edges(dag("x"), dag("z")) == {
        ("d", "x", "same"),
        ("d", "z", "same"),
        ("x", "y", "removed"),
        ("z", "y", "added"),
    }


def test_a_picture_of_too_many_tasks_is_not_drawn() -> None:
    before = flow(*(log(f"t{number}") for number in range(MOST + 1)))
    assert task_graph(before, flow(log("t0", "other"))) is None


def test_the_picture() -> None:
    graph = task_graph(flow(log("a"), log("b")), flow(log("a", "y"), log('"c[1]"')))
    assert graph is not None
    assert task_mermaid(graph) == (
        "flowchart TD\n"
        '    t0["#126; a<br/>Log"]\n'
        '    t1["#43; c#91;1#93;<br/>Log"]\n'
        '    t2["- b<br/>Log"]\n'
        "    t0 -.-> t2\n"
        "    t0 ==> t1\n"
        "    classDef added fill:#dafbe1,stroke:#1a7f37,color:#000\n"
        "    class t1 added\n"
        "    classDef removed fill:#ffebe9,stroke:#cf222e,color:#000,stroke-dasharray: 4 4\n"
        "    class t2 removed\n"
        "    classDef changed fill:#fff8c5,stroke:#9a6700,color:#000\n"
        "    class t0 changed\n"
    )
