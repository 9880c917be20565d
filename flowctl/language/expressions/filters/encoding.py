"""Filters that encode, decode, hash and escape."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Filters, Given, input_text, text
from flowctl.language.expressions.values import HashMap

ENCODING_FILTERS = Filters()
PERCENT = re.compile(r"((?:%[0-9A-Fa-f]{2})+)|(%)")


@ENCODING_FILTERS.add("base64encode")
def base64_encode(run: Run, value: object, given: Given) -> object:
    """Base64 of the UTF-8 bytes."""
    if value is None:
        return None
    raw = value if isinstance(value, bytes) else run.java(value).encode("utf-8", "replace")
    return base64.b64encode(raw).decode("ascii")


@ENCODING_FILTERS.add("base64decode")
def base64_decode(run: Run, value: object, given: Given) -> object:
    """The UTF-8 text of a Base64 text, with or without padding."""
    if value is None:
        return None
    source = run.java(value)
    try:
        raw = base64.b64decode(source + "=" * (-len(source) % 4), validate=True)
        return raw.decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise ExpressionError("Please provide a correctly Base64 encoded string containing an UTF-8 string") from None


@ENCODING_FILTERS.add("urlencode")
def url_encode(run: Run, value: object, given: Given) -> object:
    """Form encoding: a space is `+`; letters, digits and `-_.*` stay."""
    if value is None:
        return None
    quoted = quote_plus(input_text(value, "urlencode"), safe="*", errors="replace")
    return quoted.replace("~", "%7E")


@ENCODING_FILTERS.add("urldecode")
def url_decode(run: Run, value: object, given: Given) -> object:
    """The reverse of `urlencode`."""
    if value is None:
        return None

    def decode(found: re.Match[str]) -> str:
        if found.group(2):
            raise ExpressionError("Illegal hex characters in escape (%) pattern")
        return bytes.fromhex(found.group(1).replace("%", "")).decode("utf-8", "replace")

    return PERCENT.sub(decode, run.java(value).replace("+", " "))


def _hash(name: str) -> Callable[[Run, object, Given], object]:
    def digest(run: Run, value: object, given: Given) -> object:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ExpressionError("Need a string to hash", hint="convert it with `| string` first")
        return hashlib.new(name, value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    return digest


for _name in ("md5", "sha1", "sha256", "sha512"):
    ENCODING_FILTERS.add(_name)(_hash(_name))


@ENCODING_FILTERS.add("escapeChar", "type")
def escape_char(run: Run, value: object, given: Given) -> object:
    """Quotes escaped, inside lists and maps too: `single`, `double` with a backslash, `shell` between single quotes."""
    if value is None:
        return None
    style = text(given, "type", what="The 'escapeChar' filter expects an argument 'type'.")
    if style.lower() not in STYLES:
        raise ExpressionError(f"The argument 'type' is one of single, double, shell, not '{style}'.")
    return _escaped(run, value, *STYLES[style.lower()])


STYLES = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}
"""What is escaped, and by what."""


def _escaped(run: Run, value: object, old: str, new: str) -> object:
    run.tick()
    if isinstance(value, Mapping):
        return HashMap((key, _escaped(run, item, old, new)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_escaped(run, item, old, new) for item in value]
    if value is None:
        return None
    source = run.java(value)
    run.check_text(len(source) + source.count(old) * len(new))
    return source.replace(old, new)
