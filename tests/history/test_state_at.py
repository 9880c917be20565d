"""The state at a serial, from the present ledger and the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.errors import PlanError
from flowctl.history.state_at import digests_at, last_change
from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import Ledger, LedgerEntry
from flowctl.model.plan import Action

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A, B, C = (FlowKey("n", name) for name in "abc")


def ledger(serial: int, digests: Mapping[ObjectKey, str]) -> Ledger:
    entries = {key: LedgerEntry(digest, 1, None, NOW, "me") for key, digest in digests.items()}
    return Ledger("lineage", serial, "00", entries)


def entry(serial: int, *changes: HistoryChange, omitted: int = 0) -> HistoryEntry:
    return HistoryEntry(serial, "plan", "c" * 40, "me", NOW + timedelta(hours=serial), changes, omitted)


def change(key: FlowKey, before: str | None, after: str | None, action: Action | None = None) -> HistoryChange:
    kind = Action.CREATE if before is None else Action.DELETE if after is None else Action.UPDATE
    return HistoryChange(key, action or kind, before, after)


def test_creates_updates_and_deletes_are_taken_back() -> None:
    entries = [
        entry(2, change(A, "1", "2"), change(B, None, "1"), change(C, "9", None)),
        entry(1, change(A, None, "1")),
    ]
    assert digests_at(ledger(2, {A: "2", B: "1"}), entries, 1, "prod") == {A: "1", C: "9"}


def test_the_present_serial_is_the_ledger_itself() -> None:
    assert digests_at(ledger(7, {A: "2"}), [], 7, "prod") == {A: "2"}


def test_what_was_applied_counts_and_not_a_later_edit_on_the_server() -> None:
    entries = [entry(2, change(A, "edited", "2")), entry(1, change(A, None, "1"))]
    assert digests_at(ledger(2, {A: "2"}), entries, 1, "prod") == {A: "1"}


def test_what_was_taken_over_since_then_stays() -> None:
    entries = [entry(2, change(B, "1", "1", Action.ADOPT)), entry(1, change(A, None, "1"))]
    assert digests_at(ledger(2, {A: "1", B: "1"}), entries, 1, "prod") == {A: "1", B: "1"}


def test_what_was_forgotten_or_taken_over_after_an_edit_comes_back_as_it_had_been_applied() -> None:
    entries = [
        entry(3, change(A, "1", None, Action.FORGET), change(B, "1", "edited", Action.ADOPT)),
        entry(2, change(C, None, "1")),
    ]
    assert digests_at(ledger(3, {B: "edited", C: "1"}), entries, 2, "prod") == {A: "1", B: "1", C: "1"}


def test_a_record_that_names_no_digest_of_what_was_forgotten_brings_nothing_back() -> None:
    assert digests_at(ledger(2, {}), [entry(2, change(A, None, None, Action.FORGET))], 1, "prod") == {}


def test_what_was_created_anew_after_somebody_deleted_it_had_been_there() -> None:
    known = [entry(3, change(A, "1", "1", Action.CREATE)), entry(2)]
    assert digests_at(ledger(3, {A: "1"}), known, 2, "prod") == {A: "1"}
    older = [entry(3, change(A, None, "1", Action.CREATE)), entry(2), entry(1, change(A, None, "1"))]
    assert digests_at(ledger(3, {A: "1"}), older, 2, "prod") == {A: "1"}
    gone = [entry(4, change(A, None, "2")), entry(3), entry(2, change(A, "1", None)), entry(1, change(A, None, "1"))]
    assert digests_at(ledger(4, {A: "2"}), gone, 3, "prod") == {}


@pytest.mark.parametrize("serial", [0, 4, 99])
def test_a_serial_that_never_was_is_refused(serial: int) -> None:
    with pytest.raises(PlanError) as caught:
        digests_at(ledger(3, {}), [], serial, "prod")
    assert caught.value.diagnostics[0].code == "P120"
    assert "1 to 3" in caught.value.diagnostics[0].detail
    assert "flowctl history prod" in caught.value.diagnostics[0].hint


@pytest.mark.parametrize("entries", [[entry(3)], [entry(3), entry(2, omitted=4)]])
def test_a_history_with_holes_is_refused(entries: list[HistoryEntry]) -> None:
    with pytest.raises(PlanError, match="cannot go back to serial 1"):
        digests_at(ledger(3, {}), entries, 1, "prod")


def test_the_last_apply_that_touched_an_object() -> None:
    entries = [entry(3, change(A, "1", "2")), entry(2, change(B, None, "1")), entry(1, change(A, None, "1"))]
    assert last_change(entries, A, 2) == entries[2]
    assert last_change(entries, C, 3) is None


DIGEST = st.none() | st.sampled_from("xyz")


@given(st.lists(st.fixed_dictionaries({A: DIGEST, B: DIGEST, C: DIGEST}), min_size=1, max_size=8), st.data())
def test_every_state_of_a_whole_history_is_found_again(
    wanted: list[dict[FlowKey, str | None]], data: st.DataObject
) -> None:
    states: list[dict[FlowKey, str]] = [{}]
    entries = []
    for serial, one in enumerate(wanted, start=1):
        after = {key: digest for key, digest in one.items() if digest is not None}
        moved = [key for key in (A, B, C) if states[-1].get(key) != after.get(key)]
        entries.append(entry(serial, *(change(key, states[-1].get(key), after.get(key)) for key in moved)))
        states.append(after)
    serial = data.draw(st.integers(1, len(wanted)))
    now = ledger(len(wanted), dict(states[-1]))
    assert digests_at(now, entries, serial, "prod") == states[serial]
