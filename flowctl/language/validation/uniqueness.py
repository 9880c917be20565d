"""Ids that may occur once: tasks over the whole flow, triggers, inputs and outputs in their lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flowctl.language.findings import Finding, Path
from flowctl.language.walk import Task


def check_unique(flow: Mapping[str, object], tasks: Sequence[tuple[Path, Task]], found: list[Finding]) -> None:
    """One finding per kind, at the second place of the first id that is there twice. `tasks` are all of the flow."""
    _twice("task", ((path, task.get("id")) for path, task in tasks), "F320", found)
    for kind, code in (("trigger", "F321"), ("input", "F322"), ("output", "F323")):
        items = flow.get(f"{kind}s")
        ids = (
            ((f"{kind}s", index), item.get("id"))
            for index, item in enumerate(items if isinstance(items, list) else ())
            if isinstance(item, dict)
        )
        _twice(kind, ids, code, found)


def _twice(kind: str, ids: Iterable[tuple[Path, object]], code: str, found: list[Finding]) -> None:
    seen: set[object] = set()
    double: dict[str, Path] = {}
    for path, name in ids:
        if isinstance(name, (str, int, float)):
            if name in seen:
                double.setdefault(str(name), path)
            seen.add(name)
    if double:
        message = f"Duplicate {kind} id with name" if kind in ("task", "trigger") else f"Duplicate {kind} with name"
        first = next(iter(double.values()))
        text = f"{message} [{', '.join(double)}]"
        found.append(Finding((*first, "id"), text, "error", code, f"give each {kind} its own id", family="flow"))
