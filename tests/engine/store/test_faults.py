"""Disks that fail and files that are damaged: an error, nothing half-written, and the store goes on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flowctl.engine.store import Store, StoreError, StoreFull, StoreUnavailable
from flowctl.engine.store.faults import Faults
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.errors import ServerError

CHILD = """
import sys
from pathlib import Path
from flowctl.engine.store import Store
store = Store.open(Path(sys.argv[1]))
for number in range(10):
    store.write(lambda c: c.execute("INSERT INTO meta VALUES (?, 'x')", (f"k{number}",))).result(10)
    print(number, flush=True)
"""


def new(id_: str, size: int = 10) -> NewFlow:
    return NewFlow("a", id_, "x" * size, "d" * 64, b'{"triggers":[]}')


def test_a_full_disk_fails_the_write_and_the_next_small_one_works(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    store.write(lambda c: flows.save(c, new("before"), 1)).result(10)
    (pages,) = store.write(lambda c: c.execute("PRAGMA page_count").fetchone()).result(10)
    store.write(lambda c: c.execute(f"PRAGMA max_page_count={pages + 2}")).result(10)
    with pytest.raises(StoreFull):
        store.write(lambda c: flows.save(c, new("large", 200_000), 1)).result(10)
    store.write(lambda c: c.execute("PRAGMA max_page_count=1000000")).result(10)
    store.write(lambda c: flows.save(c, new("after"), 1)).result(10)
    there = store.read(lambda c: [row.id for row in flows.in_namespace(c, "a")])
    assert there == ["after", "before"]
    store.close()


def test_a_file_that_becomes_unwritable_fails_writes_while_reads_go_on(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    store.write(lambda c: flows.save(c, new("f"), 1)).result(10)
    store._connection.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreUnavailable):
        store.write(lambda c: flows.save(c, new("g"), 1)).result(10)
    assert store.read(lambda c: flows.head(c, "a", "f")) is not None
    store._connection.execute("PRAGMA query_only=OFF")
    store.write(lambda c: flows.save(c, new("g"), 1)).result(10)
    store.close()


def test_a_lock_held_by_another_process_is_an_error_after_a_while(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    store.write(lambda c: c.execute("SELECT 1")).result(10)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._connection.execute("PRAGMA busy_timeout=1")  # wait a millisecond instead of seconds
    with pytest.raises(StoreUnavailable):
        store.write(lambda c: flows.save(c, new("f"), 1)).result(10)
    other.execute("COMMIT")
    other.close()
    store.write(lambda c: flows.save(c, new("f"), 1)).result(10)
    store.close()


def test_a_file_that_is_no_database_is_refused_at_open(tmp_path: Path) -> None:
    (tmp_path / "flowctl.db").write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(StoreError):
        Store.open(tmp_path, environ={})
    (tmp_path / "flowctl.db").unlink()
    Store.open(tmp_path, environ={}).close()  # the lock was given back


def test_damaged_pages_are_an_error_of_the_read(tmp_path: Path) -> None:
    store = Store.open(tmp_path, environ={})
    for number in range(200):
        store.write(lambda c, number=number: flows.save(c, new(f"f{number}", 2000), 1)).result(10)
    store.close()
    data = bytearray((tmp_path / "flowctl.db").read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    (tmp_path / "flowctl.db").write_bytes(data)
    with pytest.raises(StoreError):
        reopened = Store.open(tmp_path, environ={})
        try:
            reopened.read(lambda c: flows.in_namespace(c, "a"))
        finally:
            reopened.close()


@pytest.mark.parametrize("point", ["before-any-commit", "after-any-commit"])
def test_the_process_dies_at_the_named_commit_and_no_acknowledged_write_is_missing(point: str, tmp_path: Path) -> None:
    environ = {"FLOWCTL_TEST_FAULTS": "1", "FLOWCTL_FAULT": f"{point}:4", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == -9
    assert done.stdout.split() == ["0", "1", "2"]
    store = Store.open(tmp_path, environ={})
    rows = store.read(lambda c: [row[0] for row in c.execute("SELECT key FROM meta WHERE key LIKE 'k%' ORDER BY key")])
    store.close()
    assert rows == ["k0", "k1", "k2"] + (["k3"] if point.startswith("after") else [])


def test_faults_need_both_variables(tmp_path: Path) -> None:
    quiet = Faults.from_environ({"FLOWCTL_FAULT": "before-commit:1"})
    quiet.before_commit(True)
    quiet.after_commit(True)
    with pytest.raises(ServerError) as refused:
        Faults.from_environ({"FLOWCTL_TEST_FAULTS": "1", "FLOWCTL_FAULT": "sometimes"})
    assert refused.value.diagnostics[0].code == "S309"
