"""Ion text: writing values as `toIon` does, and reading them for `fromIon`."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.java.scalars import float_text, scalar_text
from flowctl.language.expressions.values import Instant, MapEntry
from flowctl.language.expressions.writing import Check, Writer, unchecked

MAX_DEPTH = 100
IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
KEYWORDS = frozenset({"null", "true", "false", "nan"})
ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0", "\a": "\\a", "\b": "\\b",
           "\f": "\\f", "\v": "\\v"}  # fmt: skip
SKIP = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
LONG_STRING = re.compile(r"'''((?:[^'\\]|\\.|'(?!''))*)'''", re.DOTALL)
SYMBOL = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
ATOM = re.compile(r"[^\s,\[\]{}():\"'/]+(?:/[^\s,\[\]{}():\"'/]+)*")
TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?(?![\w:+-])"
    r"|\d{4}(?:-\d{2}(?:-\d{2})?)?T(?!\w)"
)
INTEGER = re.compile(r"-?(0|[1-9]\d*)")
RADIX = re.compile(r"(-?)0([xXbB])([0-9A-Fa-f]+)")
REAL = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d{1,4})?")
DECIMAL = re.compile(r"-?\d+(\.\d*)?([dD][+-]?\d{1,4})?")
ESCAPED = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|.)", re.DOTALL)
UNESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": "",
             "\r\n": ""}  # fmt: skip


def write_ion(value: object, limit: int, check: Check = unchecked) -> str:
    """The value as compact Ion text; null entries of maps are kept. Raises LimitError past `limit` characters."""
    writer = Writer(limit, check)
    _write(value, writer, 0)
    return writer.text()


def _write(value: object, out: Writer, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping) and not isinstance(value, MapEntry):
        out.add("{")
        for index, (key, item) in enumerate(value.items()):
            out.add(("," if index else "") + _symbol(java_text(key, out.left)) + ":")
            _write(item, out, depth + 1)
        out.add("}")
    elif isinstance(value, list | tuple):
        out.add("[")
        for index, item in enumerate(value):
            out.add("," if index else "")
            _write(item, out, depth + 1)
        out.add("]")
    else:
        out.add(_scalar(value))


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return '"' + "".join(ESCAPES.get(c) or (c if c >= " " else f"\\x{ord(c):02x}") for c in value) + '"'
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, bytes):
        return "{{" + base64.b64encode(value).decode("ascii") + "}}"
    if value is None or isinstance(value, bool | int | Decimal | Instant | date | datetime):
        return scalar_text(value)
    return _scalar(scalar_text(value))


def _float(value: float) -> str:
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "+inf" if value > 0 else "-inf"
    text = float_text(value).removesuffix(".0")
    return text if "E" in text else text + "e0"


def _symbol(text: str) -> str:
    if IDENTIFIER.fullmatch(text) and text not in KEYWORDS:
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def read_ion(text: str) -> list[object]:
    """All top-level values of an Ion text. Raises ExpressionError with the place of what cannot be read."""
    reader = _Reader(text)
    rows: list[object] = []
    while not reader.at_end():
        rows.append(reader.value(0))
    return rows


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self._skip()

    def _skip(self) -> None:
        found = SKIP.match(self.text, self.pos)
        self.pos = found.end() if found else self.pos

    def at_end(self) -> bool:
        return self.pos >= len(self.text)

    def fail(self, what: str) -> ExpressionError:
        line = self.text.count("\n", 0, self.pos) + 1
        column = self.pos - self.text.rfind("\n", 0, self.pos)
        return ExpressionError(f"Invalid ion: {what}, line: {line}, column: {column}")

    def _take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.pos):
            self.pos += len(mark)
            self._skip()
            return True
        return False

    def value(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise LimitError(f"Invalid ion: nested deeper than {MAX_DEPTH} levels")
        if self._take("{{"):
            return self._lob()
        if self._take("{"):
            return self._struct(depth)
        if self._take("["):
            return self._sequence("]", ",", depth)
        if self._take("("):
            return self._sequence(")", "", depth)
        return self._atom(depth)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.pos)
        if found:
            self.pos = found.end()
            self._skip()
        return found

    def _text(self) -> str | None:
        """A short or long string; long ones in a row are one."""
        found = self._match(STRING)
        if found:
            return _unescape(found.group(1))
        parts = []
        while found := self._match(LONG_STRING):
            parts.append(_unescape(found.group(1)))
        return "".join(parts) if parts else None

    def _atom(self, depth: int) -> object:
        text = self._text()
        if text is not None:
            return text
        quoted = self._match(SYMBOL)
        found = quoted or self._match(TIMESTAMP) or self._match(ATOM)
        if found is None:
            raise self.fail("a value is missing" if self.at_end() else f"unexpected '{self.text[self.pos]}'")
        if self._take("::"):
            return self.value(depth + 1)
        return _unescape(quoted.group(1)) if quoted else _literal(found.group(), self)

    def _sequence(self, end: str, separator: str, depth: int) -> list[object]:
        items: list[object] = []
        while not self._take(end):
            items.append(self.value(depth + 1))
            if separator and not self._take(separator) and not self.text.startswith(end, self.pos):
                raise self.fail(f"'{separator}' or '{end}' is missing")
        return items

    def _struct(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not self._take("}"):
            name = self._text()
            if name is None:
                symbol = self._match(SYMBOL)
                bare = symbol or self._match(IDENTIFIER)
                if bare is None:
                    raise self.fail("a field name is missing")
                name = _unescape(symbol.group(1)) if symbol else bare.group()
            if not self._take(":"):
                raise self.fail("':' is missing")
            found[name] = self.value(depth + 1)
            if not self._take(",") and not self.text.startswith("}", self.pos):
                raise self.fail("',' or '}' is missing")
        return found

    def _lob(self) -> object:
        text = self._text()
        if text is None:
            end = self.text.find("}}", self.pos)
            body = self.text[self.pos : end] if end >= 0 else ""
            self.pos = end if end >= 0 else self.pos
            try:
                value: object = base64.b64decode("".join(body.split()), validate=True)
            except (binascii.Error, ValueError):
                raise self.fail("a blob is not Base64") from None
        else:
            value = text.encode("latin-1", "replace")
        if not self._take("}}"):
            raise self.fail("'}}' is missing")
        return value


def _unescape(text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] in "xuU" and len(code) > 1:
            number = int(code[1:], 16)
            return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
        return UNESCAPES.get(code, code)

    return ESCAPED.sub(replace, text)


def _literal(word: str, reader: _Reader) -> object:
    if word in ("true", "false"):
        return word == "true"
    if word == "null" or word.startswith("null."):
        return None
    if word in ("nan", "+inf", "-inf"):
        return float(word)
    if TIMESTAMP.fullmatch(word):
        return word
    return _numeral(word.replace("_", "") if word[:1] in "-0123456789" else word, reader)


def _numeral(word: str, reader: _Reader) -> object:
    if len(word) > 3000:
        raise reader.fail("a number has more than 3000 digits")
    if INTEGER.fullmatch(word):
        return int(word)
    if radix := RADIX.fullmatch(word):
        try:
            return int(radix.group(1) + radix.group(3), 16 if radix.group(2) in "xX" else 2)
        except ValueError:
            raise reader.fail(f"'{word}' is no number") from None
    if REAL.fullmatch(word) and ("e" in word.lower() or "." not in word):
        return float(word)
    if DECIMAL.fullmatch(word):
        return float(Decimal(word.replace("d", "e").replace("D", "e")))
    if IDENTIFIER.fullmatch(word):
        return word
    raise reader.fail(f"unexpected '{word[:20]}'")
