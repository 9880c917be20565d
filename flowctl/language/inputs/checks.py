"""Checks of an input's value beyond its type: bounds, patterns, choices, JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flowctl.language import moments
from flowctl.language.durations import format_duration, parse_duration
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.flags import is_off, is_on
from flowctl.language.inputs.convert import convert, text_of
from flowctl.language.inputs.errors import InputError, fenced


def check_value(held: Mapping[str, object], value: object, choices: Sequence[str] | None) -> None:
    """Whether a converted value passes what its input demands. `choices` are the values of a SELECT or MULTISELECT.

    Raises:
        InputError: it does not.
    """
    kind = held.get("type")
    if kind in ("INT", "FLOAT") and isinstance(value, (int, float)):
        _number_bounds(held, value, kind == "FLOAT")
    elif kind in ("DATETIME", "DATE", "TIME") and isinstance(value, str):
        _time_bounds(held, str(kind), value)
    elif kind == "DURATION":
        _duration_bounds(held, value)
    elif kind in ("STRING", "SECRET") and held.get("validator") is not None:
        _pattern(str(held["validator"]), text_of(value))
    elif kind in ("SELECT", "ENUM"):
        _chosen(held, value, choices)
    elif kind == "MULTISELECT":
        _all_chosen(held, value, choices)
    elif kind == "JSON" and held.get("jsonSchema") is not None:
        _schema(str(held.get("id")), held["jsonSchema"], value)


def _number_bounds(held: Mapping[str, object], value: float, decimal: bool) -> None:
    low, high = _bound(held.get("min")), _bound(held.get("max"))
    if low is not None and value < low:
        raise InputError(f"it must be more than `{_number_text(low, decimal)}`")
    if high is not None and value > high:
        raise InputError(f"it must be less than `{_number_text(high, decimal)}`")


def _bound(value: object) -> float | None:
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None


def _number_text(value: float, decimal: bool) -> str:
    return str(float(value)) if decimal else str(int(value))


def _time_bounds(held: Mapping[str, object], kind: str, value: str) -> None:
    for name, sign in (("after", 1), ("before", -1)):
        bound = held.get(name)
        if bound is None:
            continue
        limit = _limit(kind, text_of(bound))
        if (_order(kind, value) - _order(kind, limit)) * sign < 0:
            shown = moments.java_time(limit) if kind == "TIME" else limit
            raise InputError(f"it must be {name} `{shown}`")


def _limit(kind: str, text: str) -> str:
    read = {"DATETIME": moments.read_instant, "DATE": moments.read_date, "TIME": moments.read_time}[kind]
    try:
        return read(text)
    except ValueError as error:
        raise fenced(str(error)) from None


def _order(kind: str, text: str) -> float:
    """Something to compare texts of one kind by."""
    if kind == "DATETIME":
        return datetime.fromisoformat(text).timestamp()
    if kind == "DATE":
        return datetime.fromisoformat(text).toordinal()
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _duration_bounds(held: Mapping[str, object], value: object) -> None:
    seconds = float(value) if isinstance(value, (int, float)) else parse_duration(text_of(value)).total_seconds()
    for name, word in (("min", "more"), ("max", "less")):
        bound = held.get(name)
        if isinstance(bound, str):
            limit = parse_duration(bound)
            below = seconds < limit.total_seconds() if name == "min" else seconds > limit.total_seconds()
            if below:
                raise InputError(f"It must be {word} than `{format_duration(limit)}`")


def _pattern(pattern: str, text: str) -> None:
    from flowctl.language.expressions.java import regex as javaregex

    try:
        matches = javaregex.fullmatch(pattern, text)
    except ExpressionError as error:
        raise InputError(str(error)) from None
    if not matches:
        raise InputError(f"it must match the pattern `{pattern}`")


def _chosen(held: Mapping[str, object], value: object, choices: Sequence[str] | None) -> None:
    """Only a required SELECT is checked, as seen on a server."""
    if choices is None or is_off(held.get("required")) or is_on(held.get("allowCustomValue")):
        return
    if text_of(value) not in choices:
        raise InputError(f"it must match the values `[{', '.join(choices)}]`")


def _all_chosen(held: Mapping[str, object], value: object, choices: Sequence[str] | None) -> None:
    if held.get("values") is not None and held.get("options") is not None:
        raise InputError("you can't define both `values` and `options`")
    if choices is None or is_on(held.get("allowCustomValue")) or not isinstance(value, list):
        return
    for item in value:
        if text_of(item) not in choices:
            raise InputError(f"value `{text_of(item)}` doesn't match the values `[{', '.join(choices)}]`")


def _schema(name: str, schema: object, value: object) -> None:
    from flowctl.language.inputs.jsonschemas import UnusableSchema, misfits

    wanted = convert("JSON", schema) if isinstance(schema, str) else schema
    if not isinstance(wanted, (dict, bool)):
        return
    try:
        problems = misfits(wanted, value)
    except UnusableSchema as error:
        raise InputError(f"{name}: the json schema cannot be used: {error}") from None
    if problems:
        raise InputError(f"Invalid JSON schema: {name}: it must match the json schema: [{', '.join(problems)}]")
