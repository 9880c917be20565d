"""What flowctl remembers of its own records: a lock is asked for before each write, and taken apart when it is new."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from flowctl.errors import ServerUnreachable
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Intent, Ledger, LedgerEntry, Lock
from flowctl.remote.bookkeeping import journal as module
from flowctl.remote.bookkeeping import ledger as codec
from flowctl.remote.bookkeeping.journal import Journal
from flowctl.remote.bookkeeping.records import LOCK, decode_lock, encode_lock
from flowctl.remote.http.transport import Transport

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINE = Lock("mine", "ann", "desk", NOW, NOW, "plan", (Intent(FlowKey("dev", "f"), "d"),))
THEIRS = replace(MINE, id="theirs", owner="bob")


def test_a_lock_is_taken_apart_once_and_any_other_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []

    def counted(value: object) -> Lock:
        taken.append(value)
        return decode_lock(value)

    monkeypatch.setattr(module, "decode_lock", counted)
    journal = Journal(Transport(httpx.Client(), "http://127.0.0.1:1", "main"))
    seen = []
    damaged: dict[str, object] = {**encode_lock(MINE), "checksum": "0"}
    for value in (encode_lock(MINE), encode_lock(MINE), encode_lock(THEIRS), None, damaged, encode_lock(MINE)):
        journal.learn("dev", {} if value is None else {LOCK: value})
        seen.append(journal.lock("dev"))
    assert seen == [MINE, MINE, THEIRS, None, None, MINE]
    assert len(taken) == 4


def kept(values: dict[str, object], refused: str = "") -> Journal:
    """A journal that has read nothing yet, over a store of values in which one key cannot be written."""

    def handle(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if request.method == "GET":
            return httpx.Response(200, json={"type": "JSON", "value": values[name]}) if name in values else GONE
        if name == refused:
            raise httpx.ReadError("connection reset")
        if request.method == "PUT":
            values[name] = json.loads(request.content)
        return httpx.Response(200, json=True) if request.method == "PUT" or values.pop(name, None) else GONE

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return Journal(Transport(client, "http://127.0.0.1:1", "main", pause=lambda _: None))


GONE = httpx.Response(404, json={"message": "Not Found"})


def wide(serial: int) -> Ledger:
    entry = LedgerEntry(f"{serial:064x}", serial, None, NOW, "ann@desk")
    return Ledger("lineage", serial, "aa", {FlowKey("dev", f"f{number}"): entry for number in range(40)})


@pytest.mark.parametrize("read", [(), (LOCK,), (LOCK, codec.HEAD)], ids=len)
def test_a_ledger_is_not_overwritten_in_place_whatever_was_read_before(
    monkeypatch: pytest.MonkeyPatch, read: tuple[str, ...]
) -> None:
    monkeypatch.setattr(module.codec, "encode", partial(codec.encode, part_size=100))
    values: dict[str, object] = {}
    kept(values).write_ledger("dev", wide(1))
    assert len(codec.parts_of(values[codec.HEAD])) > 1
    journal = kept(values, refused=codec.HEAD)
    for name in read:
        journal.fetch("dev", name)
    with pytest.raises(ServerUnreachable):
        journal.write_ledger("dev", wide(2))
    assert codec.decode(values) == wide(1)
    kept(values).write_ledger("dev", wide(3))
    assert codec.decode(values) == wide(3)
