"""Where a time limit has no effect (seen on a real 1.3 and 2.0)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.types import TypeSpec, is_work
from flowctl.language.validation.context import Context

_WAITS = frozenset(f"io.kestra.plugin.core.flow.{name}" for name in ("Approval", "Pause"))


def check_timeout(context: Context, task: Mapping[str, object], path: Path, spec: TypeSpec) -> None:
    """A `timeout` ends the work of a worker, or a wait; groups, Subflows and the like have none to end."""
    if spec.kind != "task" or task.get("timeout") is None or is_work(spec) or spec.name in _WAITS:
        return
    text = f"The task '{task.get('id')}' cannot use the 'timeout' property as it's only relevant for runnable tasks."
    at = (*path, "timeout")
    context.say(at, "", text, "F357", hint="put it on the tasks inside", severity="warning", family="flow")
