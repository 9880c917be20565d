"""`taskCache` where it has no effect: only a task that is done by a worker has outputs that can be taken again."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.flags import is_on
from flowctl.language.types import TypeSpec
from flowctl.language.validation.context import Context
from flowctl.language.validation.names import shown_name

_NO_WORK = ("io.kestra.plugin.core.flow.Sleep", "io.kestra.plugin.core.flow.Subflow")


def check_cache(context: Context, holder: Mapping[str, object], path: Path, spec: TypeSpec) -> None:
    """A task that cannot have a cache asks for none."""
    wish = holder.get("taskCache")
    idle = spec.flowable or spec.name in _NO_WORK
    if spec.kind == "task" and idle and isinstance(wish, dict) and is_on(wish.get("enabled")):
        at = (*path, "taskCache")
        text = f"has no effect on a {spec.name.rpartition('.')[2]}: its outputs are not kept"
        hint = "give it to the tasks inside that do the work"
        context.say(at, shown_name(context.flow, at), text, "F367", severity="warning", hint=hint)
