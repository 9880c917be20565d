"""A flow's tasks before and after as a Mermaid picture: what comes, what goes and what changes told apart."""

from __future__ import annotations

from flowctl.model.impact import TaskGraph, TaskMark
from flowctl.views.graphs.flows import quoted

_SIGNS = {TaskMark.ADDED: "+ ", TaskMark.REMOVED: "- ", TaskMark.CHANGED: "~ ", TaskMark.SAME: ""}
_STYLES = {
    TaskMark.ADDED: "fill:#dafbe1,stroke:#1a7f37,color:#000",
    TaskMark.REMOVED: "fill:#ffebe9,stroke:#cf222e,color:#000,stroke-dasharray: 4 4",
    TaskMark.CHANGED: "fill:#fff8c5,stroke:#9a6700,color:#000",
}


def task_mermaid(graph: TaskGraph) -> str:
    """A Mermaid flowchart. The sign in front of a name says the same as its colour."""
    names = {node.id: f"t{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for node in graph.nodes:
        lines.append(f'    {names[node.id]}["{quoted(_SIGNS[node.mark] + node.id)}<br/>{quoted(node.type)}"]')
    for edge in graph.edges:
        arrow = "-.->" if edge.mark is TaskMark.REMOVED else "==>" if edge.mark is TaskMark.ADDED else "-->"
        lines.append(f"    {names[edge.source]} {arrow} {names[edge.target]}")
    for mark, style in _STYLES.items():
        marked = [names[node.id] for node in graph.nodes if node.mark is mark]
        if marked:
            lines += [f"    classDef {mark.value} {style}", f"    class {','.join(marked)} {mark.value}"]
    return "\n".join(lines) + "\n"
