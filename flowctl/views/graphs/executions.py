"""An execution as a tree of its task runs, for a terminal that is drawn over while it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flowctl.views.ansi import Paint, printable

_STYLES = {
    "SUCCESS": "green",
    "WARNING": "yellow",
    "RETRYING": "yellow",
    "PAUSED": "yellow",
    "FAILED": "red",
    "KILLED": "red",
    "CANCELLED": "red",
    "RUNNING": "cyan",
}
_QUIET = frozenset({"SUCCESS", "SKIPPED"})
_LONGEST_VALUE = 24

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Node:
    run: Record
    depth: int
    children: list[_Node] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.run.get("state", {}).get("current", "UNKNOWN"))

    @property
    def quiet(self) -> bool:
        """Whether it has ended well, and everything below it."""
        return self.state in _QUIET and all(child.quiet for child in self.children)


def task_tree(execution: Record, now: datetime, *, rows: int, width: int, colour: bool) -> list[str]:
    """The task runs of an execution as the server gives it, a line each, what belongs to a flowable below it.

    At most `rows` lines of at most `width` characters: where they do not suffice, task runs that have ended well are
    summed up, and at last everything behind the first ones.
    """
    paint, roots = Paint(colour), _forest(execution.get("taskRunList") or [])
    lines = _lines(roots, now, width, paint, fold=False)
    if len(lines) > rows:
        lines = _lines(roots, now, width, paint, fold=True)
    if len(lines) <= rows:
        return lines
    return [*lines[: rows - 1], f"... {len(lines) - rows + 1} more lines"[:width]]


def _forest(runs: Sequence[Record]) -> list[_Node]:
    """Parents stand before their children in the server's list; a run whose parent is not there is a root."""
    known: dict[object, _Node] = {}
    roots: list[_Node] = []
    for run in runs:
        parent = known.get(run.get("parentTaskRunId"))
        node = _Node(run, parent.depth + 1 if parent else 0)
        known[run.get("id")] = node
        (parent.children if parent else roots).append(node)
    return roots


def _lines(nodes: Sequence[_Node], now: datetime, width: int, paint: Paint, *, fold: bool) -> list[str]:
    found: list[str] = []
    folded = [node for node in nodes if fold and node.quiet]
    if folded:
        sums = Counter(node.state for node in folded)
        told = ", ".join(f"{count} {state}" for state, count in sorted(sums.items()))
        found.append(paint(f"{_indent(folded[0])}({told})"[:width], "dim"))
    for node in nodes:
        if node not in folded:
            found.append(_line(node, now, width, paint))
            found += _lines(node.children, now, width, paint, fold=fold)
    return found


def _line(node: _Node, now: datetime, width: int, paint: Paint) -> str:
    name = f"{_indent(node)}{printable(str(node.run.get('taskId')))}{_value(node.run)}"
    told = f"  {node.state}  {_took(node.run, now)}".rstrip()
    room = max(width - len(told), 8)
    text = name if len(name) <= room else name[: room - 3] + "..."
    style = _STYLES.get(node.state)
    return text + (paint(told, style) if style else told)


def _indent(node: _Node) -> str:
    return "  " * (node.depth + 1)


def _value(run: Record) -> str:
    """What tells the runs of one task apart: the item of an each-task, and the attempt when it is not the first."""
    value, attempts = run.get("value"), len(run.get("attempts") or [])
    text = printable(" ".join(str(value).split())) if value is not None else ""
    short = text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
    return (f" [{short}]" if short else "") + (f" (attempt {attempts})" if attempts > 1 else "")


def _took(run: Record, now: datetime) -> str:
    """Seconds from the start to the end, or until now; nothing for a run that has not begun."""
    state = run.get("state", {})
    start, end = _moment(state.get("startDate")), _moment(state.get("endDate"))
    if start is None or str(state.get("current")) in ("CREATED", "SKIPPED"):
        return ""
    return f"{max(((end or now) - start).total_seconds(), 0):.1f}s"


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
