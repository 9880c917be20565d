"""Values of properties: shapes that a server reads when a flow is saved, and literals that will not do at run time.

Structural properties are checked as a server does. Dynamic ones are not, but a literal that
can never work (`duration: soon`) and an expression that does not parse earn a warning.
"""

from __future__ import annotations

from collections.abc import Callable

from flowctl.language.durations import parse_duration, read_duration
from flowctl.language.findings import Path
from flowctl.language.flags import TRUTH
from flowctl.language.types import PropertySpec
from flowctl.language.validation.context import Context
from flowctl.language.validation.names import shown_name
from flowctl.language.validation.nulls import null
from flowctl.language.validation.templates import check_template

Check = Callable[[Context, PropertySpec, object, Path], None]


def found(value: object) -> str:
    """A value in a message: its kind, and a scalar's text."""
    if isinstance(value, bool):
        return f"Boolean `{str(value).lower()}`"
    if isinstance(value, str):
        return f'String "{value if len(value) <= 80 else value[:77] + "..."}"'
    if isinstance(value, (int, float)):
        return f"Number `{value}`"
    return "Array value" if isinstance(value, list) else "Object value" if isinstance(value, dict) else "null"


def check_dynamic(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    """A value that is rendered at run time."""
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            check_template(context, value, path)
        elif spec.type in ("enum", "duration", "integer"):
            _literal(context, spec, value, path)
    elif spec.scalar and isinstance(value, (dict, list)):
        context.wrong(path, f"`String` from {found(value)}", "F314")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_dynamic(context, _ANY, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_dynamic(context, _ANY, item, (*path, index))
    elif spec.type == "enum":
        _literal(context, spec, str(value), path)
    elif spec.minimum is not None and isinstance(value, (int, float)):
        check_minimum(context, spec, value, path)


def check_minimum(context: Context, spec: PropertySpec, value: float, path: Path) -> None:
    """A number is not below its minimum."""
    if spec.minimum is not None and value < spec.minimum:
        message = f"must be greater than or equal to {spec.minimum:g}"
        context.say(path, shown_name(context.flow, path), message, "F316")


def _literal(context: Context, spec: PropertySpec, value: str, path: Path) -> None:
    message = ""
    if spec.type == "enum" and spec.enum and value not in spec.enum:
        message = f"`{value}` is not one of {', '.join(spec.enum)}"
    elif spec.type == "duration":
        message = _no_duration(value)
    elif spec.type == "integer" and not value.strip().lstrip("+-").isdigit():
        message = f"`{value}` is not a whole number"
    if message:
        context.say(
            path, shown_name(context.flow, path), message, "F349", severity="warning", hint="the task will fail here"
        )


def _no_duration(value: str) -> str:
    try:
        read_duration(value)
    except ValueError as error:
        return str(error)
    return ""


def _string(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if isinstance(value, (dict, list)):
        context.wrong(path, f"`String` from {found(value)}", "F314")
        return
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if spec.max_length is not None and len(text) > spec.max_length:
        message = f"size must be between 0 and {spec.max_length}"
        context.say(path, shown_name(context.flow, path), message, "F317")


def _boolean(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    if isinstance(value, (bool, int)) or (isinstance(value, str) and value.strip() in ("", *TRUTH)):
        return
    detail = ': only "true" or "false" recognized' if isinstance(value, str) else ""
    context.wrong(path, f"`Boolean` from {found(value)}{detail}", "F314")


def _integer(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    number = _as_number(value)
    if number is None:
        context.wrong(path, f"`Integer` from {found(value)}: not a valid whole number", "F314")
    else:
        check_minimum(context, spec, number, path)


def _number(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    number = _as_number(value)
    if number is None:
        context.wrong(path, f"`Double` from {found(value)}: not a valid number", "F314")
    else:
        check_minimum(context, spec, number, path)


def _as_number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return float(value) if isinstance(value, str) and len(value) < 400 else None
    except ValueError:
        return None


def _duration(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    try:
        if not isinstance(value, str):
            raise ValueError(found(value))
        parse_duration(value)
    except ValueError:
        hint = "an ISO-8601 duration such as PT30S, PT5M or P1D"
        context.wrong(path, f"`Duration` from {found(value)}: Text cannot be parsed to a Duration", "F314", hint=hint)


def _enum(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, str) or value not in spec.enum:
        accepted = ", ".join(spec.enum)
        message = f"`{path[-1] if path else ''}` from {found(value)}: not one of the values accepted: [{accepted}]"
        context.wrong(path, message, "F315")


def _list(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, list):
        context.wrong(path, f"`List` from {found(value)}", "F314")
    elif spec.items is not None:
        for index, item in enumerate(value):
            if item is None:
                context.findings.append(null((*path, index)))
            else:
                check_value(context, spec.items, item, (*path, index))


def _map(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, dict):
        context.wrong(path, f"`Map` from {found(value)}", "F314")
    elif spec.items is not None:
        for key, item in value.items():
            check_value(context, spec.items, item, (*path, key))
    else:
        for key, item in value.items():
            check_dynamic(context, _ANY, item, (*path, key))


def _nothing(_context: Context, _spec: PropertySpec, _value: object, _path: Path) -> None:
    return


CHECKS: dict[str, Check] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "duration": _duration,
    "timestamp": _string,
    "enum": _enum,
    "list": _list,
    "map": _map,
    "any": _nothing,
}
_ANY = PropertySpec("any", dynamic=True)


def check_value(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    """One value that is not null against its specification."""
    if spec.dynamic:
        if type(value) is not bool:
            check_dynamic(context, spec, value, path)
    else:
        CHECKS[spec.type](context, spec, value, path)
