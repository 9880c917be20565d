"""Types of key-value pairs and the values that fit them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

from flowctl.model.project import KvType

TYPES: tuple[str, ...] = get_args(KvType)
_DURATION = re.compile(r"[-+]?P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d{1,9})?S)?)?")
# What a server makes a DURATION of although it was sent as a text in quotes (seen on 1.3 and 2.0).
_STORED_AS_DURATION = re.compile(
    r"[-+]?P(?=.)(?:[-+]?\d+D)?(?:T(?=.)(?:[-+]?\d+H)?(?:[-+]?\d+M)?(?:[-+]?\d+(?:\.\d*)?S)?)?", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[-+]\d{2}:?\d{2})")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a `_kv.yaml`. `value` is None when `env` names a variable; line and column are the key's."""

    key: str
    type: str
    value: object
    env: str | None
    ttl: str | None
    description: str | None
    line: int
    column: int


def infer(value: object) -> KvType:
    """The type of a value whose type is not stated: as servers see it, so that a text is a duration when it can be one.

    Dates stay text unless the file says otherwise.
    """
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, (int, float)):
        return "NUMBER"
    if isinstance(value, str):
        return "DURATION" if _STORED_AS_DURATION.fullmatch(value) else "STRING"
    return "JSON" if isinstance(value, (list, dict)) else "STRING"


def misfit(kind: KvType, value: object) -> str:
    """Why a value does not fit a type, empty when it does."""
    if kind == "JSON":
        return ""
    if kind == "BOOLEAN":
        return "" if isinstance(value, bool) else "write true or false"
    if kind == "NUMBER":
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return "" if number else "write a number without quotes"
    if not isinstance(value, str):
        return "put the text into quotes"
    return {"DATE": _no_date, "DATETIME": _no_datetime, "DURATION": _no_duration}.get(kind, _fits)(value)


def misfit_ttl(value: object) -> str:
    """Why something is no time to live, empty when it is one."""
    if not isinstance(value, str):
        return "not a text"
    problem = _no_duration(value)
    if problem:
        return problem
    positive = not value.startswith("-") and any(digit in "123456789" for digit in value)
    return "" if positive else "not longer than nothing"


def read_variable(kind: KvType, text: str) -> object:
    """The value that an environment variable's text stands for.

    Raises:
        ValueError: the text does not fit the type. It never holds the text.
    """
    value: object = text
    if kind in ("NUMBER", "JSON", "BOOLEAN"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(f"not a {kind}") from None
    if misfit(kind, value):
        raise ValueError(f"not a {kind}")
    return value


def _fits(text: str) -> str:
    return (
        "servers store such a text as a duration: give it `type: DURATION`"
        if _STORED_AS_DURATION.fullmatch(text)
        else ""
    )


def _no_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        return "write it as 2024-02-29"
    try:
        date.fromisoformat(text)
    except ValueError as error:
        return str(error)
    return ""


def _no_datetime(text: str) -> str:
    if not _DATETIME.fullmatch(text):
        return "write it with date, time and offset, as 2024-02-29T10:30:00Z"
    try:
        datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError as error:
        return str(error)
    return ""


def _no_duration(text: str) -> str:
    return "" if _DURATION.fullmatch(text) else "write it in ISO-8601, as PT5M or P1DT12H"
