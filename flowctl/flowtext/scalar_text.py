"""A plain value as the text of a YAML scalar that reads back as exactly that value."""

from __future__ import annotations

import json
import re

from flowctl.flowtext.scalars import plain_value

_PLAIN = re.compile(r"[^\W_][\w./@+\- ]*(?:[:#][\w./@+\-]+)*", re.ASCII)
_SINGLE = re.compile(r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar_text(value: object, style: str = "") -> str:
    """One line of YAML for a text, number, boolean or None; `style` is the quote to use where a text allows it.

    Raises:
        TypeError: the value is a list, a map or of another type.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if not isinstance(value, str):
        raise TypeError(f"not a scalar: {type(value).__name__}")
    if style not in ("'", '"') and is_plain(value):
        return value
    if style != '"' and _SINGLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return double_quoted(value)


def is_plain(text: str) -> bool:
    """Whether a text may stand unquoted, anywhere, and stays a text."""
    return _PLAIN.fullmatch(text) is not None and text[-1] != " " and plain_value(text) == text


def double_quoted(text: str) -> str:
    """A text between double quotes, on one line."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
