"""What a server of the open-source edition refuses, because only the Enterprise Edition has it."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.types import TypeSpec
from flowctl.language.validation.context import Context


def check_edition(context: Context, holder: Mapping[str, object], path: Path, spec: TypeSpec) -> None:
    """A task has `assets`: 1.3 looks at all tasks, 2.0 at those outside of groups; `lenient` takes them."""
    if spec.kind != "task" or holder.get("assets") is None or context.dialect == "lenient":
        return
    if context.dialect == "1.3" or path[:-1] == ("tasks",):
        why = "because assets are only available in Enterprise Edition."
        text = f"Task '{holder.get('id')}' can't have any `assets` {why}"
        context.say((*path, "assets"), "", text, "F384", hint="remove `assets`", family="flow")
