"""The flows of an environment's files and what they set off, as a graph to draw."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from flowctl.errors import FlowctlError
from flowctl.model.keys import FlowKey
from flowctl.model.project import Project
from flowctl.views.graphs.flows import Edge, FlowGraph


def flow_graph(project: Project, only: FlowKey | None = None) -> FlowGraph:
    """All flows, or those that set `only` off or are set off by it, at any depth.

    Raises:
        FlowctlError: C161, there is no such flow in the files.
    """
    from flowctl.planning.ordering.graph import components, levels

    edges = sorted(set(_edges(project)))
    flows = set(project.flows) | {key for edge in edges for key in (edge.source, edge.target)}
    if only is not None:
        if only not in project.flows:
            hint = f"`flowctl graph {project.environment.name}` draws them all"
            raise FlowctlError.of("C161", f"no file of {project.environment.name} has the flow {only}", hint=hint)
        flows = _reach(only, edges, forward=True) | _reach(only, edges, forward=False)
        edges = [edge for edge in edges if edge.source in flows and edge.target in flows]
    needs: dict[FlowKey, list[FlowKey]] = {}
    for edge in edges:
        needs.setdefault(edge.target, []).append(edge.source)
    ordered = sorted(flows)
    dynamic = sum(ref.dynamic for key, flow in project.flows.items() if key in flows for ref in flow.references)
    absent = frozenset(flows - set(project.flows))
    return FlowGraph(tuple(ordered), tuple(edges), levels(components(ordered, needs), needs), absent, dynamic)


def _edges(project: Project) -> Iterator[Edge]:
    for key, flow in project.flows.items():
        for ref in flow.references:
            if ref.dynamic:
                continue
            other = FlowKey(ref.namespace, ref.flow_id)
            source, target = (other, key) if ref.relation == "trigger" else (key, other)
            yield Edge(source, target, ref.relation, ref.place)


def _reach(start: FlowKey, edges: list[Edge], *, forward: bool) -> set[FlowKey]:
    following: dict[FlowKey, list[FlowKey]] = {}
    for edge in edges:
        first, second = (edge.source, edge.target) if forward else (edge.target, edge.source)
        following.setdefault(first, []).append(second)
    found, open_ = {start}, deque([start])
    while open_:
        new = [flow for flow in following.get(open_.popleft(), ()) if flow not in found]
        found.update(new)
        open_.extend(new)
    return found
