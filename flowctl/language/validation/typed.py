"""Maps that carry the type of a plugin, and the ids of tasks, triggers and inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.legacy.changes import DOCKER
from flowctl.language.legacy.rows import Scope
from flowctl.language.types import Kind, TypeSpec, all_types, find_type
from flowctl.language.validation import patterns
from flowctl.language.validation.context import Context
from flowctl.language.validation.members import check_members
from flowctl.language.validation.names import shown_name
from flowctl.language.validation.rules import RULES
from flowctl.language.validation.rules.caching import check_cache
from flowctl.language.validation.rules.editions import check_edition
from flowctl.language.validation.rules.timeouts import check_timeout
from flowctl.language.validation.values import found

_OURS = "io.kestra.plugin.core."


def check_typed(context: Context, holder: object, path: Path, kinds: tuple[Kind, ...], scope: Scope) -> TypeSpec | None:
    """Check a map that carries the type of a plugin; None when there is nothing known to check it by."""
    if not isinstance(holder, dict):
        context.wrong(path, f"`{scope}` from {found(holder)}: expected a map", "F314")
        return None
    spec = plugin_type(context, holder, path, kinds)
    if spec is None:
        return None
    supplied = _supplied(context, spec.name)
    shape = spec.shape(context.dialect)
    check_members(context, holder, shape, path, spec.name, scope=scope, open_=spec.open, supplied=supplied)
    check_cache(context, holder, path, spec)
    check_edition(context, holder, path, spec)
    check_timeout(context, holder, path, spec)
    for rule in RULES.get(spec.name, ()):
        rule(context, holder, path)
    return spec


def plugin_type(context: Context, holder: Mapping[str, object], path: Path, kinds: tuple[Kind, ...]) -> TypeSpec | None:
    """The type that a map names; a finding when it is none, of another kind, or does not run here."""
    name = holder.get("type")
    if not isinstance(name, str) or not name:
        text = "<null>" if name is None else str(name)
        context.unreadable((*path, "type"), f"Invalid type: {text}", "F313", hint="add `type:`", severity="error")
        return None
    resolved = find_type(name, context.dialect)
    if resolved is None:
        _unknown_type(context, name, (*path, "type"))
        return None
    if resolved.spec.kind not in kinds:
        kind = f"a {resolved.spec.kind}, not a {kinds[0]}"
        context.unreadable((*path, "type"), f"Invalid type: {name}", "F319", hint=f"it is {kind}", severity="error")
        return None
    if not resolved.spec.runnable and context.strict:
        _not_here(context, resolved.spec, name, (*path, "type"))
    return resolved.spec


def _not_here(context: Context, spec: TypeSpec, name: str, path: Path) -> None:
    """Known, but nothing runs it here; a container's commands run as a process all the same."""
    if spec.name == DOCKER:
        text = "the bundled server runs this as a process: image, network and volumes have no effect"
        hint = "name the Process runner, or see `flowctl explain F364`"
        context.say(path, shown_name(context.flow, path), text, "F364", severity="warning", hint=hint)
        return
    hint = (
        f"use {spec.deprecated}" if spec.deprecated else "use a script task, or install a plugin that brings the type"
    )
    text = f"Invalid type: {name}, which the bundled server has no plugin for"
    context.unreadable(path, text, "F318", hint=hint, severity="error")


def _unknown_type(context: Context, name: str, path: Path) -> None:
    if not context.strict and not name.startswith(_OURS):
        return
    known = [spec.name for spec in all_types() if spec.known_to(context.dialect)]
    elsewhere = find_type(name, "lenient")
    hint = context.near(name, known)
    if elsewhere is not None:
        today = elsewhere.spec.deprecated or (elsewhere.canonical if elsewhere.deprecated_alias else "")
        hint = f"this dialect does not have it; use {today}" if today else "this dialect does not have it"
    context.unreadable(path, f"Invalid type: {name}", "F313", hint=hint)


def _supplied(context: Context, name: str) -> tuple[str, ...]:
    if not context.defaults:
        return ()
    return tuple(key for entry in context.defaults if name.startswith(entry.type) for key in entry.values)


def name_rule(context: Context, holder: Mapping[str, object], path: Path, pattern: re.Pattern[str], code: str) -> None:
    """An `id` has the shape that its kind demands."""
    name = holder.get("id")
    if name is None or isinstance(name, (dict, list)):
        return
    text = name if isinstance(name, str) else str(name).lower() if isinstance(name, bool) else str(name)
    if not pattern.fullmatch(text):
        at = (*path, "id")
        hint = "letters, digits, underscore and hyphen, the first a letter or digit"
        context.say(at, shown_name(context.flow, at), f'must match "^{pattern.pattern}"', code, hint=hint)


def length_rule(context: Context, holder: Mapping[str, object], path: Path, what: str) -> None:
    name = holder.get("id")
    if isinstance(name, str) and len(name) > patterns.TASK_ID_LENGTH:
        at = (*path, "id")
        text = f"{what} id must be at most {patterns.TASK_ID_LENGTH} characters"
        context.say(at, shown_name(context.flow, at), text, "F317", hint="shorten it")
