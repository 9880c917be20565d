from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Intent, Lock, Stopped
from flowctl.model.plan import Action
from flowctl.remote.bookkeeping.encoding import TooNew, Unreadable
from flowctl.remote.bookkeeping.records import decode_history, decode_lock, encode_history, encode_lock

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
LOCK = Lock(
    "id",
    "ann",
    "desk",
    NOW,
    NOW + timedelta(seconds=120),
    "plan-1",
    (Intent(FlowKey("a.b", "f"), "d"), Intent(FileKey("a", "/x:y"), None), Intent(KvKey("a", "k"), "hmac:1")),
    released=True,
    paused=((FlowKey("a.b", "f"), "daily"),),
    stopped=(Stopped(FlowKey("a.b", "f"), 3, "d", "e"),),
    stay_off=((FlowKey("a.b", "g"), "hourly"),),
)
ENTRY = HistoryEntry(
    4, "plan-1", None, "ann@desk", NOW, (HistoryChange(FlowKey("a", "f"), Action.UPDATE, "x", "y", 1, 2),), omitted=3
)


def test_a_lock_comes_back() -> None:
    assert decode_lock(encode_lock(LOCK)) == LOCK


def test_a_person_can_read_who_holds_a_lock() -> None:
    value = encode_lock(LOCK)
    assert (value["owner"], value["host"], value["takenAt"]) == ("ann", "desk", "2026-03-01T12:00:00.123000+00:00")


def test_a_history_entry_comes_back() -> None:
    assert decode_history(encode_history(ENTRY)) == ENTRY


@pytest.mark.parametrize("change", [{"checksum": "0"}, {"expiresAt": "soon"}, {"intents": ""}, {"format": "x"}])
def test_a_damaged_lock_is_named(change: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        decode_lock(encode_lock(LOCK) | change)


def test_records_of_a_newer_flowctl_are_told_apart() -> None:
    with pytest.raises(TooNew):
        decode_lock(encode_lock(LOCK) | {"format": "2.0"})
    with pytest.raises(TooNew):
        decode_history(encode_history(ENTRY) | {"format": "2.0"})
