"""What flowctl remembers of its own records: a lock is asked for before each write, and taken apart when it is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Intent, Lock
from flowctl.remote.bookkeeping import journal as module
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
