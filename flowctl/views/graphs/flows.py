"""Flows and what they set off, as text and as Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flowctl.model.keys import FlowKey
from flowctl.views.ansi import printable

_RELATIONS = {"subflow": "calls", "trigger": "triggers"}


@dataclass(frozen=True, order=True, slots=True)
class Edge:
    """`source` sets `target` off: it calls it as a subflow, or its end triggers it. `place` is where that stands."""

    source: FlowKey
    target: FlowKey
    relation: str
    place: str = ""

    @property
    def word(self) -> str:
        """`calls` or `triggers`."""
        return _RELATIONS.get(self.relation, self.relation)


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """Flows, edges, and a level for each flow: one above the highest that sets it off. `absent` have no file.

    `dynamic` counts calls whose flow is an expression, which no picture can show.
    """

    flows: tuple[FlowKey, ...]
    edges: tuple[Edge, ...]
    levels: Mapping[FlowKey, int] = field(default_factory=dict)
    absent: frozenset[FlowKey] = frozenset()
    dynamic: int = 0


def graph_text(graph: FlowGraph) -> str:
    """Each flow with what it sets off below it, sorted; ends in a line end."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: FlowGraph) -> Iterator[str]:
    out: dict[FlowKey, list[Edge]] = {}
    for edge in graph.edges:
        out.setdefault(edge.source, []).append(edge)
    for flow in graph.flows:
        if flow not in graph.absent or flow in out:
            yield _named(flow, graph)
            yield from (f"  {edge.word} " + _named(edge.target, graph) + _at(edge) for edge in out.get(flow, ()))
    if graph.dynamic:
        yield f"not drawn: {graph.dynamic} calls whose flow is an expression"


def _named(flow: FlowKey, graph: FlowGraph) -> str:
    return printable(str(flow)) + (" (no file)" if flow in graph.absent else "")


def _at(edge: Edge) -> str:
    return f" at {printable(edge.place)}" if edge.place else ""


def graph_mermaid(graph: FlowGraph) -> str:
    """A Mermaid flowchart; flows without a file are dashed."""
    names = {flow: f"f{number}" for number, flow in enumerate(graph.flows)}
    lines = ["flowchart LR"]
    lines += [f'    {names[flow]}["{quoted(str(flow))}"]' for flow in graph.flows]
    for edge in graph.edges:
        arrow = "-.->" if edge.relation == "trigger" else "-->"
        lines.append(f"    {names[edge.source]} {arrow}|{edge.word}| {names[edge.target]}")
    if graph.absent:
        lines.append("    classDef absent stroke-dasharray: 4 4")
        lines.append(f"    class {','.join(names[flow] for flow in sorted(graph.absent))} absent")
    return "\n".join(lines) + "\n"


def graph_json(graph: FlowGraph) -> str:
    """`{"format", "flows": [{"flow", "level", "absent"}], "edges": [{"source", "target", "relation", "place"}],
    "dynamic"}` on one line."""
    flows = [
        {"flow": str(flow), "level": graph.levels.get(flow, 0), "absent": flow in graph.absent} for flow in graph.flows
    ]
    edges = [
        {"source": str(e.source), "target": str(e.target), "relation": e.relation, "place": e.place}
        for e in graph.edges
    ]
    return json.dumps({"format": "1.0", "flows": flows, "edges": edges, "dynamic": graph.dynamic})


def quoted(text: str) -> str:
    """A text inside a Mermaid label: entities for what would end or change it."""
    return "".join(c if c.isalnum() or c in " ./_-" else f"#{ord(c)};" for c in text)
