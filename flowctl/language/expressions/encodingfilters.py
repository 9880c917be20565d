"""Filters that encode, decode, hash and escape."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote_plus

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Filters, Given, input_text, text

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
    """Quotes escaped: `single` and `double` with a backslash, `shell` for use between single quotes."""
    if value is None:
        return None
    source = run.java(value)
    style = text(given, "type", what="The 'escapeChar' filter expects an argument 'type'.")
    styles = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}
    if style not in styles:
        raise ExpressionError(f"The argument 'type' is one of single, double, shell, not '{style}'.")
    old, new = styles[style]
    run.check_text(len(source) + source.count(old) * len(new))
    return source.replace(old, new)
