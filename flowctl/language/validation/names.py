"""Places as a 2.0 server names them: tasks and inputs by id, everything else by index."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.validation.context import index_text

_TASK_LISTS = frozenset(("tasks", "errors", "finally", "afterExecution", "then", "else", "defaults", "onResume"))
_BY_INDEX = frozenset(("retry", "conditions"))


def shown_name(flow: Mapping[str, object], path: Path) -> str:
    """`group.tasks` for a property of the task `group`; `tasks[0].retry.maxAttempts`; `labels[0].key`."""
    if not path or path[0] in ("triggers", "labels", "checks", "outputs", "sla", "pluginDefaults"):
        return index_text(path)
    name, rest = _innermost(flow, path)
    if not name or (rest and rest[0] in _BY_INDEX):
        return index_text(path)
    return f"{name}.{index_text(rest)}" if rest else name


def _innermost(flow: Mapping[str, object], path: Path) -> tuple[str, Path]:
    """The id of the last task or input on the way, and what is left of the path behind it."""
    here: object = flow
    name, rest = "", path
    listed: object = None
    for depth, step in enumerate(path):
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
        else:
            here = here.get(step) if isinstance(here, dict) else None
        element = isinstance(step, int) and (listed in _TASK_LISTS or listed == "inputs" or _is_case(path, depth))
        if isinstance(here, dict) and (element or step in ("task", "onPause")) and isinstance(here.get("id"), str):
            name, rest = str(here["id"]), path[depth + 1 :]
        if isinstance(step, str):
            listed = step
    return name, rest


def _is_case(path: Path, depth: int) -> bool:
    return depth >= 2 and path[depth - 2] == "cases"
