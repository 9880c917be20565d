"""The values of the expression language, where Python's own types do not tell enough apart.

| the language (Java) | here |
|---|---|
| Integer, Long, BigInteger | `int` within 32 bits, within 64 bits, beyond; a literal is always `Long` |
| Double, Float, BigDecimal | `float`, `Float`, `decimal.Decimal` |
| String, Boolean, null | `str`, `bool`, `None` |
| LinkedHashMap, HashMap | `dict`, `HashMap` (both keep the order of declaration) |
| ArrayList, array, Set | `list`, `JavaArray`, `JavaSet` |
| Map.Entry | `MapEntry` |
| Instant, ZonedDateTime | `Instant`, an aware `datetime` |
| LocalDateTime, LocalDate, LocalTime, Duration | naive `datetime`, `date`, `time`, `timedelta` |
| byte[] | `bytes` |
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1


class Long(int):
    """A 64-bit integer, even when it would fit 32 bits: literals and results of arithmetic."""

    __slots__ = ()


class BigInt(int):
    """An integer of any size, even when it is small: the result of `number('BIGINTEGER')`."""

    __slots__ = ()


class Float(float):
    """A 32-bit floating-point number, as the `number` filter makes it."""

    __slots__ = ()

    def __new__(cls, value: float | str) -> Float:
        """The nearest 32-bit number; one out of range becomes an infinity."""
        wide = float(value)
        try:
            return super().__new__(cls, struct.unpack("f", struct.pack("f", wide))[0])
        except OverflowError:
            return super().__new__(cls, "inf" if wide > 0 else "-inf")


class HashMap(dict[object, object]):
    """A map that an expression made; it differs from a map of the context by its class name alone."""


class JavaArray(list[object]):
    """An array, as `split` returns it."""


class JavaSet(tuple[object, ...]):
    """A set in the order of its map, as `keys` returns it: neither subscripts nor sorting."""


class MapEntry(NamedTuple):
    """What a loop over a map yields."""

    key: object
    value: object


@dataclass(frozen=True, order=True, slots=True)
class Instant:
    """A point in time: seconds since 1970-01-01T00:00:00Z, and nanoseconds below a second."""

    seconds: int
    nanos: int = 0

    @classmethod
    def of(cls, moment: datetime) -> Instant:
        """The instant of an aware date-time."""
        whole = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return cls(whole.days * 86400 + whole.seconds, whole.microseconds * 1000)

    def datetime(self) -> datetime:
        """The same in UTC, cut to microseconds. Raises OverflowError outside the years 1 to 9999."""
        base = datetime(1970, 1, 1, tzinfo=UTC)
        return base + timedelta(seconds=self.seconds, microseconds=self.nanos // 1000)

    def __str__(self) -> str:
        """As ISO: seconds always, a fraction of 3, 6 or 9 digits where there is one."""
        return self.datetime().strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + fraction(self.nanos) + "Z"


def fraction(nanos: int) -> str:
    """`.123` in groups of three digits, nothing for zero."""
    if not nanos:
        return ""
    digits = f"{nanos:09d}"
    for length in (3, 6):
        if not digits[length:].strip("0"):
            return "." + digits[:length]
    return "." + digits


NAMES: dict[type, str] = {
    str: "java.lang.String",
    bool: "java.lang.Boolean",
    Long: "java.lang.Long",
    BigInt: "java.math.BigInteger",
    float: "java.lang.Double",
    Float: "java.lang.Float",
    Decimal: "java.math.BigDecimal",
    dict: "java.util.LinkedHashMap",
    HashMap: "java.util.HashMap",
    list: "java.util.ArrayList",
    tuple: "java.util.ArrayList",
    JavaArray: "[Ljava.lang.String;",
    JavaSet: "java.util.LinkedHashMap$LinkedKeySet",
    MapEntry: "java.util.LinkedHashMap$Entry",
    Instant: "java.time.Instant",
    date: "java.time.LocalDate",
    time: "java.time.LocalTime",
    timedelta: "java.time.Duration",
    bytes: "[B",
    type(None): "null",
}


def is_integer(value: object) -> bool:
    """Whether this is a whole number of any width; booleans are not numbers here."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether this is a number of any kind."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def width(value: int) -> str:
    """`int`, `long` or `big`: how a whole number is held in Java."""
    if isinstance(value, Long):
        return "long"
    if isinstance(value, BigInt) or not LONG_MIN <= value <= LONG_MAX:
        return "big"
    return "int" if INT_MIN <= value <= INT_MAX else "long"


def class_name(value: object) -> str:
    """The Java class of a value, as the `className` filter prints it."""
    found = NAMES.get(type(value))
    if found:
        return found
    if isinstance(value, int):
        return {"int": "java.lang.Integer", "long": "java.lang.Long", "big": "java.math.BigInteger"}[width(value)]
    if isinstance(value, datetime):
        return "java.time.LocalDateTime" if value.tzinfo is None else "java.time.ZonedDateTime"
    if isinstance(value, Mapping):
        return "java.util.LinkedHashMap"
    return "java.lang.Object"


def kind(value: object) -> str:
    """What a value is, in plain words, for error texts."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if is_number(value):
        return "a number"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, MapEntry):
        return "an entry of a map"
    if isinstance(value, list | tuple):
        return "a list"
    return "a date or time" if isinstance(value, date | time | Instant) else "a value of another kind"
