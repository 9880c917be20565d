"""Functions of jq over numbers and times."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

from flowctl.language.expressions.jq.values import JqError, Value, kind, normal, shown
from flowctl.language.expressions.running import Run

Native = Callable[..., Value]
"""Takes the rendering, the input and the arguments."""


def text(value: Value, what: str) -> str:
    """The value when it is a text. Raises JqError that says `what`."""
    if not isinstance(value, str):
        raise JqError(f"{shown(value)} {what}")
    return value


def _number(value: Value) -> float:
    if kind(value) != "number":
        raise JqError(f"{shown(value)} number required")
    return float(value)


def _math(function: Callable[[float], float]) -> Native:
    def call(run: Run, value: Value) -> Value:
        size = _number(value)
        try:
            return float(function(size)) if math.isfinite(size) else size
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan if size else -math.inf

    return call


def _power(run: Run, value: Value, base: Value, exponent: Value) -> Value:
    try:
        return normal(math.pow(_number(base), _number(exponent)))
    except (ValueError, OverflowError):
        return None


def _from_date(run: Run, value: Value) -> Value:
    source = text(value, "cannot be read as a date")
    try:
        return int(datetime.strptime(source, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise JqError(f'date "{source}" does not match format "%Y-%m-%dT%H:%M:%SZ"') from None


def _strftime(run: Run, value: Value, pattern: Value) -> Value:
    try:
        at = datetime.fromtimestamp(_number(value), UTC)
        return at.strftime(text(pattern, "is no date pattern"))
    except (ValueError, OverflowError, OSError):
        raise JqError(f"{shown(value)} is no time") from None


def _now(run: Run, value: Value) -> Value:
    if run.environment.clock is None:
        raise JqError("the present is not available here")
    return run.environment.clock().timestamp()


NUMBERS: dict[tuple[str, int], Native] = {
    ("floor", 0): _math(math.floor),
    ("ceil", 0): _math(math.ceil),
    ("round", 0): _math(lambda x: math.floor(abs(x) + 0.5) * (1 if x >= 0 else -1)),
    ("trunc", 0): _math(math.trunc),
    ("sqrt", 0): _math(math.sqrt),
    ("exp", 0): _math(math.exp),
    ("exp2", 0): _math(lambda x: 2.0**x),
    ("exp10", 0): _math(lambda x: 10.0**x),
    ("log", 0): _math(math.log),
    ("log2", 0): _math(math.log2),
    ("log10", 0): _math(math.log10),
    ("sin", 0): _math(math.sin),
    ("cos", 0): _math(math.cos),
    ("tan", 0): _math(math.tan),
    ("fabs", 0): _math(abs),
    ("pow", 2): _power,
    ("infinite", 0): lambda run, value: math.inf,
    ("nan", 0): lambda run, value: math.nan,
    ("isinfinite", 0): lambda run, value: math.isinf(_number(value)),
    ("isnan", 0): lambda run, value: math.isnan(_number(value)),
    ("now", 0): _now,
    ("fromdate", 0): _from_date,
    ("strftime", 1): _strftime,
}
