"""`_kv.yaml` files → key-value pairs. What was read of a small file is remembered by its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import cast

from flowctl.flowtext.digests import bytes_digest, kv_digest
from flowctl.loading.key_values.types import Entry, read_variable
from flowctl.loading.knowledge.memory_file import read_memory, write_memory
from flowctl.loading.problems import Problems
from flowctl.loading.texts import Unreadable, decode, read_limited
from flowctl.loading.tree import Found
from flowctl.model.keys import KvKey
from flowctl.model.project import KeyValue, KvType

MAX_FILE_BYTES = 16 << 20
_REMEMBERED = 64 << 10


def load_key_values(
    layers: Iterable[list[Found]], environ: Mapping[str, str], memory: Path, problems: Problems
) -> dict[KvKey, KeyValue]:
    """The pairs of all layers, sorted; a later layer's pair takes an earlier one's place.

    The value of an `!env` pair is read from `environ` for its digest only. `memory` is the file to remember in.
    """
    pairs: dict[KvKey, KeyValue] = {}
    known = read_memory(memory)
    used: dict[str, object] = {}
    for layer in layers:
        seen: dict[str, str] = {}
        for found in layer:
            first = seen.setdefault(found.namespace, found.shown)
            if first != found.shown:
                hint = "keep one of the two"
                problems.add("F434", f"{first} holds this namespace's pairs already", path=found.shown, hint=hint)
            for entry in _entries(found, known, used, problems):
                pair = _pair(found, entry, environ, problems)
                pairs[pair.key] = pair
    if used.keys() - known.keys():
        write_memory(memory, used)
    return dict(sorted(pairs.items()))


def _entries(found: Found, known: Mapping[str, object], used: dict[str, object], problems: Problems) -> list[Entry]:
    try:
        data = read_limited(found.path, MAX_FILE_BYTES, "F406")
        text = decode(data)
    except Unreadable as problem:
        problems.add(problem.code, problem.summary, path=found.shown, at=problem.at, hint=problem.hint)
        return []
    digest = bytes_digest(data)
    remembered = known.get(digest)
    if isinstance(remembered, list):
        used[digest] = remembered
        return [Entry(*packed) for packed in remembered]
    from flowctl.loading.key_values.entries import read_entries

    before = len(problems.noted)
    entries = read_entries(text, found.shown, problems)
    if len(problems.noted) == before and len(data) <= _REMEMBERED:
        used[digest] = [list(astuple(entry)) for entry in entries]
    return entries


def _pair(found: Found, entry: Entry, environ: Mapping[str, str], problems: Problems) -> KeyValue:
    kind = cast("KvType", entry.type)
    digest = _digest_of_variable(found, entry, environ, problems) if entry.env else kv_digest(kind, entry.value)
    key = KvKey(found.namespace, entry.key)
    return KeyValue(key, kind, entry.value, digest, found.shown, entry.env, entry.ttl, entry.description)


def _digest_of_variable(found: Found, entry: Entry, environ: Mapping[str, str], problems: Problems) -> str | None:
    """The digest of a variable's value, None when it is not set; the value itself goes nowhere."""
    assert entry.env is not None
    at = (entry.line, entry.column)
    text = environ.get(entry.env)
    if text is None:
        summary = f"the variable {entry.env} of `{entry.key}` is not set"
        hint = f"apply needs it: set {entry.env}; without it a plan cannot say whether the value changed"
        problems.add("F430", summary, path=found.shown, at=at, hint=hint, severity="warning")
        return None
    try:
        return kv_digest(entry.type, read_variable(cast("KvType", entry.type), text))
    except ValueError:
        summary = f"the value of the variable {entry.env} is no {entry.type}"
        hint = "set another one; it is not shown here, because it may be a secret"
        problems.add("F435", summary, path=found.shown, at=at, hint=hint)
        return None
