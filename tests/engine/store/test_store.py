"""Writing, reading, failing: what the store promises."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from flowctl.engine.store import Store, StoreBusy, StoreUnavailable
from flowctl.engine.store.connections import reading


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path, environ={})
    yield opened
    opened.close()


def put(key: str, value: str = "v") -> object:
    return lambda connection: connection.execute("INSERT INTO meta VALUES (?, ?)", (key, value)).rowcount


def keys(store: Store) -> set[str]:
    found = store.read(lambda connection: connection.execute("SELECT key FROM meta WHERE key <> 'uuid'").fetchall())
    return {row[0] for row in found}


def test_a_write_is_read_after_its_future_is_resolved(store: Store) -> None:
    assert store.write(put("a")).result(10) == 1
    assert keys(store) == {"a"}


def test_a_resolved_write_is_seen_by_another_connection_to_the_file(store: Store) -> None:
    store.write(put("a")).result(10)
    other = reading(store.path, store.seals)
    assert other.execute("SELECT count(*) FROM meta WHERE key = 'a'").fetchone() == (1,)
    other.close()


def test_one_failure_in_a_group_harms_no_other(store: Store) -> None:
    gate = threading.Event()
    first = store.write(lambda _: gate.wait(10))
    futures = [store.write(put(f"k{number % 4}")) for number in range(8)]
    gate.set()
    wait([first, *futures], 10)
    assert [future.exception() is None for future in futures] == [True] * 4 + [False] * 4
    assert all(isinstance(future.exception(), sqlite3.IntegrityError) for future in futures[4:])
    assert keys(store) == {"k0", "k1", "k2", "k3"}


def test_what_a_failed_write_did_before_is_undone(store: Store) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('half', 'x')")
        raise ValueError("no further")

    with pytest.raises(ValueError, match="no further"):
        store.write(half).result(10)
    assert keys(store) == set()


def test_many_writes_share_commits(store: Store) -> None:
    gate = threading.Event()
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement.strip().upper() == "COMMIT"

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(count)
        gate.wait(10)

    first = store.write(watch)
    futures = [store.write(put(f"k{number}")) for number in range(200)]
    gate.set()
    wait([first, *futures], 10)
    assert len(keys(store)) == 200
    assert commits <= 3


def test_readers_do_not_wait_for_the_writer(store: Store) -> None:
    inside, release = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('slow', 'x')")
        inside.set()
        release.wait(10)

    future = store.write(slow)
    assert inside.wait(10)
    assert keys(store) == set()  # answered while the writer is in the middle of its transaction
    release.set()
    future.result(10)
    assert keys(store) == {"slow"}


def test_a_read_sees_one_commit_for_its_whole_length(store: Store) -> None:
    def twice(connection: sqlite3.Connection) -> tuple[int, int]:
        before = connection.execute("SELECT count(*) FROM meta").fetchone()[0]
        store.write(put("between")).result(10)
        return before, connection.execute("SELECT count(*) FROM meta").fetchone()[0]

    before, after = store.read(twice)
    assert before == after
    assert keys(store) == {"between"}


def test_reading_connections_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        store.read(put("x"))  # type: ignore[arg-type]
    assert keys(store) == set()


def test_writes_after_close_fail_and_queued_ones_are_finished(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    futures = [store.write(put(f"k{number}")) for number in range(50)]
    store.close()
    assert all(future.result(0) == 1 for future in futures)
    with pytest.raises(StoreUnavailable):
        store.write(put("late")).result(10)
    with pytest.raises(StoreUnavailable):
        store.read(lambda connection: None)
    store.close()


def test_the_identity_survives_a_restart(tmp_path: Path) -> None:
    first = Store.open(tmp_path, environ={})
    first.close()
    second = Store.open(tmp_path, environ={})
    second.close()
    assert first.uuid == second.uuid


def test_a_directory_is_owned_by_one_store(tmp_path: Path) -> None:
    first = Store.open(tmp_path, environ={})
    with pytest.raises(StoreBusy) as refused:
        Store.open(tmp_path, environ={})
    assert refused.value.diagnostics[0].code == "S303"
    first.close()
    Store.open(tmp_path, environ={}).close()


def test_a_cancelled_write_is_left_out(store: Store) -> None:
    gate = threading.Event()
    first = store.write(lambda _: gate.wait(10))
    cancelled, kept = store.write(put("cancelled")), store.write(put("kept"))
    assert cancelled.cancel()
    gate.set()
    wait([first, kept], 10)
    assert keys(store) == {"kept"}
