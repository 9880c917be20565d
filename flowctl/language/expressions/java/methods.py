"""The Java methods that a template may call: an allow-list, chosen by the type of the object.

Methods that want an `int` cannot be called with a literal, which is a long; they take whole numbers from variables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from flowctl.language.expressions.errors import ExpressionError, LimitError, UndefinedError
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.operations.comparing import contains, equal
from flowctl.language.expressions.suggestions import closest
from flowctl.language.expressions.values import (
    Instant,
    JavaArray,
    JavaSet,
    Long,
    MapEntry,
    class_name,
    is_number,
    width,
)
from flowctl.language.textlines import lines_of

Arguments = list[object]
Method = tuple[str, Callable[..., object]]
"""What the parameters are (`s` text, `c` text-like, `i` int, `o` anything), and the function."""

TEXT_LIMIT = 2_000_000
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MAX_REPEATED = 16_000_000


def _text(value: object) -> str:
    return java_text(value, TEXT_LIMIT)


def _java_hash(text: str) -> int:
    """`String.hashCode` over UTF-16 units."""
    units = text.encode("utf-16-be", "surrogatepass")
    result = 0
    for index in range(0, len(units), 2):
        result = (31 * result + (units[index] << 8 | units[index + 1])) & 0xFFFFFFFF
    return result - (1 << 32) if result >= 1 << 31 else result


def _bounded(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ExpressionError(f"Index {value} out of bounds for length {high}")
    return value


def _substring(text: str, start: int, end: int | None = None) -> str:
    last = len(text) if end is None else _bounded(end, 0, len(text))
    return text[_bounded(start, 0, last) : last]


def _char(text: str, index: int) -> str:
    return text[_bounded(index, 0, len(text) - 1)]


def _repeat(text: str, count: int) -> str:
    if count < 0:
        raise ExpressionError(f"count is negative: {count}")
    if len(text) * count > MAX_REPEATED:
        raise LimitError(f"A text would have {len(text) * count} characters")
    return text * count


def _matches(text: str, pattern: str) -> bool:
    from flowctl.language.expressions.java.regex import fullmatch

    return fullmatch(pattern, text)


def _split(text: str, pattern: str) -> JavaArray:
    from flowctl.language.expressions.java.regex import split

    return JavaArray(split(pattern, text, 0))


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) * len(new) > MAX_REPEATED:
        raise LimitError("A text would become too long")
    return text.replace(old, new)


def _compare(left: str, right: str) -> int:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return ord(a) - ord(b)
    return len(left) - len(right)


STRING: dict[str, tuple[Method, ...]] = {
    "length": (("", len),),
    "isEmpty": (("", lambda t: t == ""),),
    "isBlank": (("", lambda t: not t.strip()),),
    "trim": (("", lambda t: t.strip()),),
    "strip": (("", lambda t: t.strip()),),
    "stripLeading": (("", lambda t: t.lstrip()),),
    "stripTrailing": (("", lambda t: t.rstrip()),),
    "toUpperCase": (("", str.upper),),
    "toLowerCase": (("", str.lower),),
    "toString": (("", str),),
    "concat": (("s", lambda t, o: t + o),),
    "equalsIgnoreCase": (("s", lambda t, o: t.casefold() == o.casefold()),),
    "startsWith": (("s", str.startswith), ("si", lambda t, p, i: t.startswith(p, i))),
    "endsWith": (("s", str.endswith),),
    "indexOf": (("s", str.find),),
    "lastIndexOf": (("s", str.rfind),),
    "compareTo": (("s", _compare),),
    "compareToIgnoreCase": (("s", lambda t, o: _compare(t.lower(), o.lower())),),
    "matches": (("s", _matches),),
    "split": (("s", _split),),
    "replace": (("cc", _replaced),),
    "substring": (("i", _substring), ("ii", _substring)),
    "charAt": (("i", _char),),
    "repeat": (("i", _repeat),),
    "hashCode": (("", _java_hash),),
    "getBytes": (("", lambda t: t.encode("utf-8", "replace")),),
    "intern": (("", str),),
    "lines": (("", lines_of),),
}
LIST: dict[str, tuple[Method, ...]] = {
    "size": (("", len),),
    "isEmpty": (("", lambda x: not x),),
    "get": (("i", lambda x, i: x[_bounded(i, 0, len(x) - 1)]),),
    "getFirst": (("", lambda x: _ends(x, 0)),),
    "getLast": (("", lambda x: _ends(x, -1)),),
    "indexOf": (("o", lambda x, o: next((i for i, item in enumerate(x) if equal(item, o)), -1)),),
    "lastIndexOf": (("o", lambda x, o: next((i for i in range(len(x) - 1, -1, -1) if equal(x[i], o)), -1)),),
    "containsAll": (("o", lambda x, o: contains(x, o)),),
    "subList": (("ii", lambda x, a, b: list(x[_bounded(a, 0, b) : _bounded(b, 0, len(x))])),),
    "reversed": (("", lambda x: list(reversed(x))),),
    "toString": (("", _text),),
}
MAP: dict[str, tuple[Method, ...]] = {
    "size": (("", len),),
    "isEmpty": (("", lambda m: not m),),
    "keySet": (("", JavaSet),),
    "values": (("", lambda m: list(m.values())),),
    "entrySet": (("", lambda m: [MapEntry(k, v) for k, v in m.items()]),),
    "get": (("o", lambda m, k: m.get(k) if isinstance(k, str | int) else None),),
    "getOrDefault": (("oo", lambda m, k, d: m.get(k, d) if isinstance(k, str | int) else d),),
    "containsKey": (("o", lambda m, k: isinstance(k, str | int) and k in m),),
    "containsValue": (("o", lambda m, v: any(equal(v, item) for item in m.values())),),
    "toString": (("", _text),),
}
NUMBER: dict[str, tuple[Method, ...]] = {
    "intValue": (("", lambda n: _cut(n, 32)),),
    "longValue": (("", lambda n: Long(_cut(n, 64))),),
    "doubleValue": (("", float),),
    "floatValue": (("", float),),
    "toString": (("", _text),),
    "isNaN": (("", lambda n: isinstance(n, float) and math.isnan(n)),),
    "isInfinite": (("", lambda n: isinstance(n, float) and math.isinf(n)),),
}
ENTRY: dict[str, tuple[Method, ...]] = {
    "getKey": (("", lambda e: e.key),),
    "getValue": (("", lambda e: e.value),),
    "toString": (("", _text),),
}
DATE: dict[str, tuple[Method, ...]] = {
    "getYear": (("", lambda d: d.year),),
    "getMonthValue": (("", lambda d: d.month),),
    "getDayOfMonth": (("", lambda d: d.day),),
    "getDayOfYear": (("", lambda d: d.timetuple().tm_yday),),
    "getDayOfWeek": (("", lambda d: WEEKDAYS[d.weekday()]),),
    "getHour": (("", lambda d: d.hour),),
    "getMinute": (("", lambda d: d.minute),),
    "getSecond": (("", lambda d: d.second),),
    "toString": (("", _text),),
}
INSTANT: dict[str, tuple[Method, ...]] = {
    "getEpochSecond": (("", lambda i: Long(i.seconds)),),
    "toEpochMilli": (("", lambda i: Long(i.seconds * 1000 + i.nanos // 1_000_000)),),
    "getNano": (("", lambda i: i.nanos),),
    "toString": (("", _text),),
}
DURATION: dict[str, tuple[Method, ...]] = {
    "getSeconds": (("", lambda d: Long(d // timedelta(seconds=1))),),
    "toSeconds": (("", lambda d: Long(d // timedelta(seconds=1))),),
    "toMillis": (("", lambda d: Long(d // timedelta(milliseconds=1))),),
    "toMinutes": (("", lambda d: Long(d // timedelta(minutes=1))),),
    "toHours": (("", lambda d: Long(d // timedelta(hours=1))),),
    "toDays": (("", lambda d: Long(d // timedelta(days=1))),),
    "isZero": (("", lambda d: not d),),
    "isNegative": (("", lambda d: d < timedelta()),),
    "toString": (("", _text),),
}
OTHER: dict[str, tuple[Method, ...]] = {"toString": (("", _text),)}
DENIED = frozenset({"getClass", "class", "wait", "notify", "notifyAll", "clone", "finalize"})


def _ends(items: Arguments, index: int) -> object:
    if not items:
        raise ExpressionError("The list is empty")
    return items[index]


def _cut(value: float, bits: int) -> int:
    half = 1 << (bits - 1)
    if isinstance(value, float):
        if math.isnan(value):
            return 0
        return int(min(max(value, -half), half - 1))
    return (int(value) + half) % (1 << bits) - half


def table(target: object) -> dict[str, tuple[Method, ...]]:
    """The methods of an object."""
    if isinstance(target, str):
        return STRING
    if isinstance(target, MapEntry):
        return ENTRY
    if isinstance(target, Mapping):
        return MAP
    if isinstance(target, list | tuple):
        return LIST
    if is_number(target):
        return NUMBER
    if isinstance(target, datetime | date):
        return DATE
    if isinstance(target, Instant):
        return INSTANT
    return DURATION if isinstance(target, timedelta) else OTHER


def _fits(kind: str, value: object) -> bool:
    if kind in "sc":
        return isinstance(value, str)
    if kind == "i":
        return isinstance(value, int) and not isinstance(value, bool) and width(value) == "int"
    return True


def call(target: object, name: str, arguments: Arguments) -> object:
    """Calls a method. Raises UndefinedError when there is none of this name for these arguments."""
    if name in DENIED:
        raise ExpressionError(f"For security reasons access to the method {name} is denied")
    known = table(target)
    for kinds, function in known.get(name, ()):
        if len(kinds) == len(arguments) and all(map(_fits, kinds, arguments)):
            return function(target, *arguments)
    if name == "compareTo" and is_number(target) and len(arguments) == 1:
        raise ExpressionError("Could not call compareTo", hint="compare with < and >")
    if name in known:
        hint = "the arguments do not fit; a literal is a long where this method wants an int"
    else:
        hint = closest(name, known)
    raise UndefinedError(name, hint=hint)


def bean(target: object, name: str) -> object:
    """A property read without parentheses: `list.size`, `text.empty`, `entry.key`. Raises UndefinedError."""
    if name in DENIED:
        raise ExpressionError(f"For security reasons access to {class_name(target)}.{name} is denied")
    known = table(target)
    upper = name[:1].upper() + name[1:]
    for candidate in (f"get{upper}", f"is{upper}", f"has{upper}", name):
        for kinds, function in known.get(candidate, ()):
            if not kinds:
                return function(target)
    raise UndefinedError(name)
