"""Contents that nothing refers to any more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowctl.engine.contents import collect, drop_partial
from flowctl.engine.executor.lifecycle.givens import Upload
from flowctl.engine.executor.lifecycle.launching import Refused
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.store import Store
from flowctl.engine.store.tables import blobs, files
from tests.engine.running import engine, flow

HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path, environ={})
    yield opened
    opened.close()


def put(store: Store, path: str, data: bytes) -> None:
    store.write(lambda connection: files.put(connection, "n", path, data, 1)).result()


def forget(store: Store, path: str) -> None:
    """What an older store may hold: a content whose last name is gone."""
    for table in ("files", "file_revisions"):
        store.write(lambda c, table=table: c.execute(f"DELETE FROM {table} WHERE path = ?", (path,))).result()  # type: ignore[misc]


def contents(store: Store) -> list[bytes]:
    return [row[0] for row in store.read(lambda c: c.execute("SELECT data FROM blobs ORDER BY data").fetchall())]


def test_a_content_without_a_name_goes_after_its_grace(store: Store) -> None:
    put(store, "/a", b"one")
    put(store, "/b", b"three")
    forget(store, "/a")
    assert collect(store, 0, HOUR) == 0
    assert store.read(blobs.sizes) == {"used": 5, "unused": 3}
    assert collect(store, HOUR_MS - 1, HOUR) == 0
    assert collect(store, HOUR_MS, HOUR) == 1
    assert contents(store) == [b"three"]
    assert store.read(blobs.sizes) == {"used": 5, "unused": 0}


def test_a_content_that_is_named_again_stays_and_its_time_begins_anew(store: Store) -> None:
    put(store, "/a", b"one")
    forget(store, "/a")
    collect(store, 0, HOUR)
    put(store, "/c", b"one")
    assert collect(store, 2 * HOUR_MS, HOUR) == 0
    forget(store, "/c")
    assert collect(store, 3 * HOUR_MS, HOUR) == 0
    assert collect(store, 4 * HOUR_MS, HOUR) == 1


def test_a_content_that_is_named_as_it_is_about_to_go_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "/a", b"one")
    forget(store, "/a")
    collect(store, 0, HOUR)
    look = blobs.noted
    monkeypatch.setattr(blobs, "noted", lambda connection: (put(store, "/c", b"one"), look(connection))[1])
    assert collect(store, 2 * HOUR_MS, HOUR) == 0
    assert store.read(lambda connection: files.read(connection, "n", "/c")) == b"one"


def test_earlier_revisions_and_those_of_deleted_files_stay(store: Store) -> None:
    put(store, "/a", b"one")
    put(store, "/a", b"two")
    store.write(lambda connection: files.delete(connection, "n", "/a", 2)).result()
    collect(store, 0, HOUR)
    assert collect(store, 9 * HOUR_MS, HOUR) == 0
    assert contents(store) == [b"one", b"two"]


def test_half_written_files_go_when_they_are_old(tmp_path: Path) -> None:
    names = [f"a.txt.{'x' * 22}.partial", f"b.txt.{'y' * 22}.partial", "mine.partial"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / names[1], (7200, 7200))
    assert drop_partial(Storage(tmp_path), 2 * HOUR_MS, HOUR) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


@pytest.mark.parametrize(
    "extra", ["  - {id: n, type: INT}\n", "checks: [{when: 'false', message: no}]\n"], ids=["inputs", "checks"]
)
def test_files_of_a_start_that_is_refused_do_not_stay(tmp_path: Path, extra: str) -> None:
    task = "  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"
    with engine(tmp_path) as running:
        key = running.save(flow(task, "inputs:\n  - {id: f, type: FILE}\n" + extra))
        with pytest.raises(Refused):
            running.start(*key, f=Upload("a.txt", b"data"))
        assert not [path for path in running.executor.services.storage.root.rglob("*") if path.is_file()]
