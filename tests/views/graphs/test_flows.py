"""Graphs of flows in their three shapes."""

from __future__ import annotations

from xml.dom.minidom import parseString

from flowctl.model.keys import FlowKey
from flowctl.views.graphs.flows import Edge, FlowGraph, graph_mermaid, graph_text
from flowctl.views.graphs.svg import graph_svg

A, B, GONE = FlowKey("n", "a"), FlowKey("n", "b"), FlowKey("other", "gone")
GRAPH = FlowGraph(
    (A, B, GONE),
    (Edge(A, B, "subflow", "tasks[x]"), Edge(B, A, "trigger", "triggers[t]"), Edge(A, GONE, "subflow", "tasks[y]")),
    {A: 0, B: 1, GONE: 1},
    frozenset({GONE}),
    dynamic=2,
)


def test_text() -> None:
    assert graph_text(GRAPH) == (
        "n/a\n"
        "  calls n/b at tasks[x]\n"
        "  calls other/gone (no file) at tasks[y]\n"
        "n/b\n"
        "  triggers n/a at triggers[t]\n"
        "not drawn: 2 calls whose flow is an expression\n"
    )


def test_a_flow_without_a_file_that_sets_another_off_is_listed() -> None:
    found = graph_text(FlowGraph((A, GONE), (Edge(GONE, A, "trigger", "triggers[t]"),), absent=frozenset({GONE})))
    assert found == "n/a\nother/gone (no file)\n  triggers n/a at triggers[t]\n"


def test_mermaid() -> None:
    assert graph_mermaid(GRAPH) == (
        "flowchart LR\n"
        '    f0["n/a"]\n'
        '    f1["n/b"]\n'
        '    f2["other/gone"]\n'
        "    f0 -->|calls| f1\n"
        "    f1 -.->|triggers| f0\n"
        "    f0 -->|calls| f2\n"
        "    classDef absent stroke-dasharray: 4 4\n"
        "    class f2 absent\n"
    )


def test_svg_is_well_formed_and_has_a_box_for_each_flow_and_an_arrow_for_each_edge() -> None:
    found = parseString(graph_svg(GRAPH))
    assert len(found.getElementsByTagName("rect")) == 3
    assert len([p for p in found.getElementsByTagName("path") if p.getAttribute("marker-end")]) == 3
    assert not found.getElementsByTagName("script")


def test_odd_names_cannot_break_out() -> None:
    odd = FlowKey("n", 'x"]; click f0 <script>&')
    graph = FlowGraph((odd,), ())
    assert "<script>" not in graph_svg(graph) and parseString(graph_svg(graph))
    assert graph_mermaid(graph).count('"') == 2


def test_no_flows_at_all() -> None:
    assert parseString(graph_svg(FlowGraph((), ())))
    assert graph_mermaid(FlowGraph((), ())) == "flowchart LR\n"
