"""One entry of a `_kv.yaml` edited in place, the rest of the file as it is."""

from __future__ import annotations

import json
import re

from flowctl.flowtext.document import YamlProblem, parse
from flowctl.flowtext.edits import remove_key, replace_scalar
from flowctl.flowtext.splice import SpliceError, eol_of
from flowctl.model.project import KeyValue

_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON leaves as it is and YAML reads otherwise, or not at all."""


def edited(text: str, name: str, pair: KeyValue | None, found: tuple[str, object] | None) -> str | None:
    """The file's text with what the server has; None when the entry has a shape that cannot be edited safely.

    `pair` is what the file says now, None for a new entry; `found` type and value on the server, None when the key
    is gone. A new entry states its type, so that it is never guessed from the value.
    """
    try:
        if found is None:
            return _removed(text, name)
        if found[1] is None:
            return None  # an entry without a value is none
        if pair is None:
            return _added(text, name, *found)
        if pair.type != found[0] or isinstance(found[1], dict | list):
            return _added(_removed(text, name), name, *found)
        entry = parse(text).value
        inner = isinstance(entry, dict) and isinstance(entry.get(name), dict)
        return replace_scalar(text, (name, "value") if inner else (name,), found[1])
    except (SpliceError, YamlProblem):
        return None


def _removed(text: str, name: str) -> str:
    value = parse(text).value
    if isinstance(value, dict) and len(value) == 1:
        return ""
    return remove_key(text, name)


def _added(text: str, name: str, kind: str, value: object) -> str:
    eol = eol_of(text)
    plain = json.dumps({"type": kind, "value": value}, ensure_ascii=False)
    body = _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)
    separator = "" if not text or text.endswith(("\n", "\r")) else eol
    after = f"{text}{separator}{name}: {body}{eol}"
    before, found = parse(text).value or {}, parse(after).value
    if not isinstance(before, dict) or found != {**before, name: {"type": kind, "value": value}}:
        raise SpliceError(f"{name} cannot be added")
    return after
