"""The ledger as values of the key-value store.

`flowctl.ledger` is the head. A small ledger is in it whole; a large one is cut into parts below the server's limit of
a value, in keys `flowctl.ledger.N`, and the head names them with a checksum over all. Parts are written under names
that the present head does not use, the head last: a kill in between leaves the old ledger as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Ledger, LedgerEntry
from flowctl.remote.bookkeeping.encoding import FORMAT, Unreadable, checksum, envelope, pack, unpack
from flowctl.remote.times import to_milliseconds

HEAD = "flowctl.ledger"
PREFIX = HEAD + "."
PART_SIZE = 7 * 1024 * 1024

_KINDS: Mapping[str, Callable[[str, str], ObjectKey]] = {"flow": FlowKey, "file": FileKey, "kv": KvKey}


def encode(ledger: Ledger, in_use: Iterable[str] = (), part_size: int = PART_SIZE) -> list[tuple[str, object]]:
    """Keys and values to write, in this order. `in_use` are the parts that the present head names."""
    text = pack(_content(ledger))
    head: dict[str, object] = {"format": FORMAT, "serial": ledger.serial, "checksum": checksum(text)}
    if len(text) <= part_size:
        return [(HEAD, head | {"data": text})]
    pieces = [text[start : start + part_size] for start in range(0, len(text), part_size)]
    names = list(_free_names(set(in_use), len(pieces)))
    parts: list[tuple[str, object]] = [
        (name, {"format": FORMAT, "data": piece}) for name, piece in zip(names, pieces, strict=True)
    ]
    return [*parts, (HEAD, head | {"parts": names})]


def _free_names(taken: set[str], count: int) -> Iterator[str]:
    number = 0
    while count:
        number += 1
        if PREFIX + str(number) not in taken:
            count -= 1
            yield PREFIX + str(number)


def parts_of(head: object) -> tuple[str, ...]:
    """The parts that a head names; none when it is whole or unreadable."""
    names = head.get("parts") if isinstance(head, dict) else None
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def decode(values: Mapping[str, object]) -> Ledger | None:
    """The ledger in a namespace's values by key; None when there is no head.

    Raises:
        Unreadable: it is damaged or a part is missing. `TooNew` when a newer flowctl wrote it.
    """
    if HEAD not in values:
        return None
    head = envelope(values[HEAD])
    names = parts_of(head)
    text = "".join(_part(values, name) for name in names) if names else head.get("data")
    if not isinstance(text, str):
        raise Unreadable("it has no content")
    try:
        return _ledger(unpack(text, head.get("checksum")))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"its content is not a ledger: {type(error).__name__} {error}") from None


def _part(values: Mapping[str, object], name: str) -> str:
    if name not in values:
        raise Unreadable(f"its part {name} is missing")
    return str(envelope(values[name]).get("data"))


def _content(ledger: Ledger) -> dict[str, object]:
    """Columns with tables of what repeats, so that ten thousand entries read in some milliseconds."""
    table = _Table()
    rows: dict[str, list[list[object]]] = {kind: [] for kind in _KINDS}
    for key, entry in ledger.entries.items():
        name = key.id if isinstance(key, FlowKey) else key.path if isinstance(key, FileKey) else key.key
        shared = [table.number(key.namespace), table.number(entry.commit), table.number(entry.by)]
        rows[key.kind].append([name, entry.digest, entry.revision, to_milliseconds(entry.at), *shared])
    return {
        "lineage": ledger.lineage,
        "serial": ledger.serial,
        "digestKey": ledger.digest_key,
        "gitCommit": ledger.git_commit,
        "appliedAt": to_milliseconds(ledger.applied_at) if ledger.applied_at is not None else None,
        "appliedBy": ledger.applied_by,
        "table": list(table.numbers),
        "entries": {kind: found for kind, found in rows.items() if found},
    }


class _Table:
    """Numbers for texts that repeat."""

    def __init__(self) -> None:
        self.numbers: dict[str | None, int] = {}

    def number(self, text: str | None) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


def _ledger(content: object) -> Ledger:
    assert isinstance(content, dict)
    table = content["table"]
    entries: dict[ObjectKey, LedgerEntry] = {}
    times: dict[int, datetime] = {}
    for kind, rows in content["entries"].items():
        make = _KINDS[kind]
        for name, digest, revision, at, namespace, commit, by in rows:
            moment = times.get(at)
            if moment is None:
                moment = times[at] = datetime.fromtimestamp(at / 1000, UTC)
            entries[make(table[namespace], name)] = LedgerEntry(digest, revision, table[commit], moment, table[by])
    applied = content.get("appliedAt")
    return Ledger(
        content["lineage"],
        content["serial"],
        content["digestKey"],
        entries,
        git_commit=content.get("gitCommit"),
        applied_at=datetime.fromtimestamp(applied / 1000, UTC) if applied is not None else None,
        applied_by=content.get("appliedBy"),
    )
