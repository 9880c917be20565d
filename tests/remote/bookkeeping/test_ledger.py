"""The ledger as values: what is written comes back, and a write that was cut short is noticed or harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Ledger, LedgerEntry
from flowctl.remote.bookkeeping.encoding import TooNew, Unreadable
from flowctl.remote.bookkeeping.ledger import HEAD, decode, encode, parts_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.one_of(st.builds(FlowKey, text, text), st.builds(FileKey, text, text), st.builds(KvKey, text, text))
moments = st.integers(0, 4_000_000_000_000).map(lambda ms: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms))
entries = st.builds(LedgerEntry, text, st.none() | st.integers(0, 10**9), st.none() | text, moments, text)
ledgers = st.builds(
    Ledger, text, st.integers(0, 10**9), text, st.dictionaries(keys, entries, max_size=30), git_commit=st.none() | text
)


def large(count: int, serial: int = 1) -> Ledger:
    digest = "0123456789abcdef" * 4
    return Ledger(
        "lineage",
        serial,
        "aa",
        {
            FlowKey(f"dev.team{number % 50}", f"flow-{number}"): LedgerEntry(
                f"{number:032x}{digest[:32]}", number % 7, "a" * 40, NOW + timedelta(seconds=number), "ann@desk"
            )
            for number in range(count)
        },
    )


@given(ledgers, st.integers(30, 400))
def test_every_ledger_comes_back_whole_or_in_parts(ledger: Ledger, part_size: int) -> None:
    assert decode(dict(encode(ledger))) == ledger
    assert decode(dict(encode(ledger, part_size=part_size))) == ledger


def test_parts_stay_below_the_limit_and_are_written_before_the_head() -> None:
    written = encode(large(2000), part_size=10_000)
    assert written[-1][0] == HEAD
    assert len(written) > 3
    assert all(len(str(value)) < 11_000 for _, value in written)


def test_a_kill_between_parts_leaves_the_old_ledger() -> None:
    old, new = large(1000), large(1500, serial=2)
    store = dict(encode(old, part_size=10_000))
    for key, value in encode(new, parts_of(store[HEAD]), part_size=10_000):
        assert decode(store) == old
        store[key] = value
    assert decode(store) == new


def test_no_head_is_no_ledger() -> None:
    assert decode({}) is None


def damaged_head(**changes: object) -> dict[str, object]:
    return {HEAD: {**dict(encode(large(3)))[HEAD], **changes}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({HEAD: "text"}, "not a record"),
        ({HEAD: None}, "not a record"),
        (damaged_head(checksum="0" * 64), "checksum"),
        (damaged_head(data="AAAA"), "checksum"),
        (damaged_head(data=None), "no content"),
        (damaged_head(format="0.9"), "format 0.9"),
        (damaged_head(parts=["flowctl.ledger.7"]), "flowctl.ledger.7 is missing"),
    ],
)
def test_damage_is_named(values: dict[str, object], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decode(values)


def test_a_ledger_of_a_newer_flowctl_is_not_taken_for_damage() -> None:
    with pytest.raises(TooNew, match=r"2\.3"):
        decode(damaged_head(format="2.3"))


def test_ten_thousand_entries_come_back() -> None:
    made = large(10_000)
    found = decode(dict(encode(made)))
    assert found is not None and found.entries == made.entries
