"""One input of a flow: what its type allows and demands beside the common properties."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from flowctl.flowtext.plain import kind_of
from flowctl.language.findings import Path, Severity
from flowctl.language.flags import is_off
from flowctl.language.moments import read_date, read_instant, read_time
from flowctl.language.options import texts
from flowctl.language.types.inputs import ITEM_TYPES, OLD_ITEM_TYPES
from flowctl.language.validation.context import Context, listed
from flowctl.language.validation.names import shown_name


def check_input(context: Context, held: Mapping[str, object], path: Path) -> None:
    """Rules between the properties of an input whose type is known."""
    shown = shown_name(context.flow, path)
    default = held.get("defaults")
    if default is not None and held.get("prefill") is not None:
        text = "Inputs with a default value cannot also have a prefill."
        context.say((*path, "prefill"), shown, text, "F344", hint="remove `prefill`")
    if default is not None and is_off(held.get("required")):
        _optional_default(context, path, shown)
    if held.get("itemType") == "ARRAY":
        context.say((*path, "itemType"), shown, "`itemType` cannot be ARRAY", "F345", hint="use JSON for nested lists")
    check_item_type(context, held, "itemType", path)
    _bounds(context, held, path)
    _validator(context, held.get("validator"), path, shown)
    _choices(context, held, path, shown)


def check_item_type(context: Context, held: Mapping[str, object], key: str, path: Path) -> None:
    """`ENUM` and `BOOLEAN` are gone in 2.0."""
    if context.dialect == "2.0" and held.get(key) in OLD_ITEM_TYPES:
        accepted = ", ".join(ITEM_TYPES)
        message = f'`{key}` from String "{held[key]}": not one of the values accepted: [{accepted}]'
        context.wrong((*path, key), message, "F315", hint="`SELECT` for `ENUM`, `BOOL` for `BOOLEAN`")


def _bounds(context: Context, held: Mapping[str, object], path: Path) -> None:
    """`after` and `before` are read when the flow is saved."""
    read = _READERS.get(str(held.get("type")))
    for key in ("after", "before") if read is not None else ():
        bound = held.get(key)
        try:
            if read is not None and isinstance(bound, str):
                read(bound)
        except ValueError:
            context.wrong((*path, key), f'`{str(held["type"]).title()}` from String "{bound}"', "F314")


_READERS: Mapping[str, Callable[[str], str]] = {
    "DATETIME": read_instant,
    "DATE": read_date,
    "TIME": read_time,
}


def _optional_default(context: Context, path: Path, shown: str) -> None:
    """Servers refuse it (seen on a real 1.3 and 2.0)."""
    text = "Inputs with a default value must be required, since the default is always applied."
    severity: Severity = "warning" if context.dialect == "lenient" else "error"
    hint = "remove `required: false`"
    context.say((*path, "required"), shown, text, "F344", severity=severity, hint=hint)


def _validator(context: Context, pattern: object, path: Path, shown: str) -> None:
    if not isinstance(pattern, str):
        return
    try:
        re.compile(pattern)
    except re.error as error:
        if not _java_only(pattern):
            text = f"invalid pattern [{pattern}]"
            context.say((*path, "validator"), f"{shown}.validator", text, "F346", hint=str(error))


def _java_only(pattern: str) -> bool:
    """Java knows possessive quantifiers, `\\p{…}` and inner sets that Python's `re` does not."""
    return any(mark in pattern for mark in ("\\p", "\\P", "++", "*+", "?+", "}+", "&&", "\\Q", "\\h", "\\R", "(?<"))


def _options(context: Context, held: Mapping[str, object], path: Path) -> None:
    for index, option in enumerate(listed(held.get("values"))):
        at = (*path, "values", index)
        if context.dialect == "1.3" and isinstance(option, (dict, list)):
            context.wrong(at, f"`String` from {kind_of(option)}", "F314")
        elif isinstance(option, dict) and option.get("value") is None:
            context.wrong(at, "an option from a map without `value`", "F314")


def _choices(context: Context, held: Mapping[str, object], path: Path, shown: str) -> None:
    if held.get("type") in ("SELECT", "MULTISELECT", "ENUM") and not held.get("values") and not held.get("expression"):
        text = "neither `values` nor `expression` says what may be chosen"
        hint = "add `values`"
        context.say(path, shown, text, "F347", severity="warning", hint=hint)
    _options(context, held, path)
    default, values = held.get("defaults"), held.get("values")
    if held.get("type") in ("SELECT", "ENUM") and isinstance(default, str) and isinstance(values, list):
        literal = "{{" not in default and not held.get("allowCustomValue") and not held.get("expression")
        if literal and default not in texts(values):
            text = f"the default `{default}` is not one of the values"
            context.say((*path, "defaults"), shown, text, "F365", severity="warning")
