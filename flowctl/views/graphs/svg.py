"""Flows and what they set off as a picture: columns by level, boxes and arrows, nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowctl.model.keys import FlowKey
from flowctl.views.graphs.flows import Edge, FlowGraph

CHARACTER = 7.3
HEIGHT, ROW, GAP, MARGIN = 30, 46, 90, 16
_STYLE = (
    "rect{fill:#fff;stroke:#57606a;rx:5}.absent{stroke-dasharray:4 4}"
    "text{font:12px ui-monospace,monospace;fill:#1f2328}path{fill:none;stroke:#57606a}"
    ".trigger{stroke-dasharray:5 4}"
)


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float


def graph_svg(graph: FlowGraph) -> str:
    """An SVG document. It holds no scripts, links or fonts, so that it can be shown anywhere."""
    boxes = _layout(graph)
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + HEIGHT for box in boxes.values()), default=0) + MARGIN
    body = [*(_arrow(edge, boxes) for edge in graph.edges), *_boxes(graph, boxes)]
    return "\n".join([*_head(width, height), *body, "</svg>"]) + "\n"


def _head(width: float, height: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
    )
    yield f"<title>Flows and what they set off</title><style>{_STYLE}</style>"
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#57606a"/></marker></defs>'
    )


def _layout(graph: FlowGraph) -> Mapping[FlowKey, _Box]:
    columns: dict[int, list[FlowKey]] = {}
    for flow in graph.flows:
        columns.setdefault(graph.levels.get(flow, 0), []).append(flow)
    boxes: dict[FlowKey, _Box] = {}
    x = float(MARGIN)
    for level in sorted(columns):
        width = max(len(str(flow)) for flow in columns[level]) * CHARACTER + 20
        boxes |= {flow: _Box(x, MARGIN + row * ROW, width) for row, flow in enumerate(columns[level])}
        x += width + GAP
    return boxes


def _boxes(graph: FlowGraph, boxes: Mapping[FlowKey, _Box]) -> Iterator[str]:
    for flow in graph.flows:
        box = boxes[flow]
        kind = ' class="absent"' if flow in graph.absent else ""
        yield f'<rect{kind} x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{HEIGHT}"/>'
        yield f'<text x="{box.x + 10:.0f}" y="{box.y + 19:.0f}">{_escaped(str(flow))}</text>'


def _arrow(edge: Edge, boxes: Mapping[FlowKey, _Box]) -> str:
    """A curve from the right side to the left side; within a column, or backwards, it bows around."""
    start, end = boxes[edge.source], boxes[edge.target]
    x1, y1, x2, y2 = start.x + start.width, start.y + HEIGHT / 2, end.x, end.y + HEIGHT / 2
    if x2 <= x1:
        x2 = end.x + end.width
    bend = max(40.0, abs(x2 - x1) / 2)
    second = x2 - bend if x2 > x1 and end.x > start.x else x2 + bend
    return (
        f'<path class="{_escaped(edge.relation)}" marker-end="url(#tip)" '
        f'd="M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {second:.0f} {y2:.0f} {x2:.0f} {y2:.0f}">'
        f"<title>{_escaped(f'{edge.source} {edge.word} {edge.target}')}</title></path>"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
