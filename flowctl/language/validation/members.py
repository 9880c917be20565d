"""Members of a map against the properties of its type: unknown ones, missing ones, values of the wrong shape."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.findings import Path
from flowctl.language.legacy.rows import Scope
from flowctl.language.normalise import Survey, hint_for, value_at
from flowctl.language.types import PropertySpec, Shape, find_type, shape_of
from flowctl.language.validation.context import Context
from flowctl.language.validation.names import shown_name
from flowctl.language.validation.values import CHECKS, check_dynamic, found

_NO_HOLDER: tuple[str, ...] = ()
_NO_TEXT = frozenset(
    (
        "tasks",
        "inputs",
        "triggers",
        "outputs",
        "labels",
        "conditions",
        "sla",
        "cases",
        "dag",
        "retry",
        "list",
        "map",
        "object",
        "enum",
    )
)
"""Shapes of values that no text is read as."""


def check_members(
    context: Context,
    holder: Mapping[str, object],
    shape: Shape,
    path: Path,
    label: str,
    *,
    scope: Scope = "task",
    open_: bool = False,
    supplied: tuple[str, ...] = _NO_HOLDER,
) -> None:
    """Check what a map holds and what it lacks.

    `label` names the type in messages. `open_` holders may have unknown members; `supplied` are properties that
    plugin defaults fill in, so that they may be missing.
    """
    known = shape.properties
    for key, value in holder.items():
        spec = known.get(key)
        if spec is None:
            if not open_:
                _unknown(context, shape, (*path, key), label, scope, str(holder.get("type", "")))
        elif value is None:
            if context.empty and not spec.dynamic and spec.type in _NO_TEXT:
                _empty(context, (*path, key))
        elif spec.dynamic:
            if type(value) is str and "{" not in value and spec.type == "string":
                continue
            check_dynamic(context, spec, value, (*path, key))
        elif type(value) is not str or spec.type != "string" or spec.max_length is not None:
            CHECKS[spec.type](context, spec, value, (*path, key))
    for key in shape.required:
        if holder.get(key) is None and key not in supplied:
            missing(context, known[key], (*path, key), label)


def _empty(context: Context, path: Path) -> None:
    """A key with nothing after it is an empty text to a server (seen on a real 2.0 and 1.3), a written null is not."""
    if path in context.empty:
        context.wrong(path, f'`{path[-1]}` from String ""', "F314", hint=f"leave `{path[-1]}:` out")


def missing(context: Context, spec: PropertySpec, path: Path, label: str) -> None:
    """A required property is not there; an id is missed in two ways, as on a server."""
    shown = shown_name(context.flow, path)
    key = path[-1]
    hint = f"add `{key}:`"
    if key == "id":
        context.say(path, shown, "must not be blank", "F311", hint=hint)
        context.say(path, shown, "must not be null", "F311", hint=hint)
        return
    severity = context.suspicion if label.startswith("io.") else "error"
    message = spec.empty_message or "must not be null"
    code = "F335" if spec.empty_message else "F311"
    context.say(path, shown, message, code, hint=hint, severity=severity)


def _unknown(context: Context, shape: Shape, path: Path, label: str, scope: Scope, type_name: str) -> None:
    key = str(path[-1])
    names = ", ".join(f'"{name}"' for name in shape.properties)
    message = (
        f'Unrecognized field "{key}" (class {label}), not marked as ignorable '
        f"({len(shape.properties)} known properties: {names})"
        if context.strict
        else f"`{key}` is no property of {label}"
    )
    hint = hint_for(scope, key, type_name) or context.near(key, shape.properties)
    context.unreadable(path, message, "F312", hint=hint)


def _record(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, dict):
        context.wrong(path, f"`{path[-1]}` from {found(value)}: expected a map", "F314")
        return
    scope: Scope = "check" if path[0] == "checks" else "task"
    label = f"of `{path[-1] if isinstance(path[-1], str) else path[-2]}`"
    check_members(context, value, shape_of(spec.fields, context.dialect), path, label, scope=scope)


CHECKS["object"] = _record


def check_rewritten(context: Context, flow: Mapping[str, object], old: Survey) -> None:
    """Values of old properties, which the flow in today's spelling no longer shows."""
    for path, rows in old.steps:
        holder = value_at(flow, path)
        name = holder.get("type") if isinstance(holder, dict) else None
        found_type = find_type(name, context.dialect) if isinstance(name, str) else None
        for row in rows:
            spec = found_type.spec.properties.get(row.old) if found_type is not None else None
            if spec is not None and isinstance(holder, dict) and holder[row.old] is not None and not spec.dynamic:
                CHECKS[spec.type](context, spec, holder[row.old], (*path, row.old))
