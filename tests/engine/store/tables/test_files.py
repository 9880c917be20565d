"""The tree of namespace files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.store.tables import files
from flowctl.engine.store.tables.files import NotPossible
from tests.engine.store.tables.test_flows import database


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(database()) as opened:
        yield opened


def paths(connection: sqlite3.Connection) -> list[str]:
    return [row.path + ("/" if row.directory else "") for row in files.below(connection, "n", "/")]


def test_directories_come_and_go_with_what_they_hold(connection: sqlite3.Connection) -> None:
    files.put(connection, "n", "/a/b/c.txt", b"1", 1)
    assert paths(connection) == ["/a/", "/a/b/", "/a/b/c.txt"]
    assert files.delete(connection, "n", "/a/b/c.txt", 2)
    assert paths(connection) == []
    assert not files.delete(connection, "n", "/a/b/c.txt", 3)


def test_a_file_where_a_directory_is_needed_is_refused(connection: sqlite3.Connection) -> None:
    files.put(connection, "n", "/a", b"1", 1)
    with pytest.raises(NotPossible):
        files.put(connection, "n", "/a/b", b"1", 1)
    files.put(connection, "n", "/d/e", b"1", 1)
    with pytest.raises(NotPossible):
        files.put(connection, "n", "/d", b"1", 1)
    with pytest.raises(NotPossible):
        files.move(connection, "n", "/d", "/d/e/f", 1)


def test_contents_are_kept_once_and_revisions_can_be_read(connection: sqlite3.Connection) -> None:
    for now, data in enumerate((b"one", b"two", b"two", b"one")):
        files.put(connection, "n", "/f", data, now)
    files.put(connection, "n", "/g", b"one", 9)
    assert files.revisions(connection, "n", "/f") == [1, 2, 3]
    assert [files.read(connection, "n", "/f", number) for number in (1, 2, 3)] == [b"one", b"two", b"one"]
    assert connection.execute("SELECT count(*) FROM blobs").fetchone() == (2,)


def test_numbering_goes_on_after_a_deletion(connection: sqlite3.Connection) -> None:
    files.put(connection, "n", "/f", b"one", 1)
    files.delete(connection, "n", "/f", 2)
    files.put(connection, "n", "/f", b"one", 3)
    assert files.revisions(connection, "n", "/f") == [1, 3]


def test_a_directory_moves_with_all_it_holds(connection: sqlite3.Connection) -> None:
    files.put(connection, "n", "/a/x", b"x", 1)
    files.put(connection, "n", "/a/deep/y", b"y", 1)
    assert files.move(connection, "n", "/a", "/b/c", 2)
    assert paths(connection) == ["/b/", "/b/c/", "/b/c/deep/", "/b/c/deep/y", "/b/c/x"]
    assert files.read(connection, "n", "/b/c/deep/y") == b"y"
    assert not files.move(connection, "n", "/nope", "/z", 3)


NAMES = st.sampled_from(("a", "b", "c", "%", "_", "a b"))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(st.tuples(st.sampled_from(("put", "put", "delete", "move")), PATHS, PATHS), max_size=20))
def test_every_file_has_its_directories_and_nothing_else_is_lost(steps: list[tuple[str, str, str]]) -> None:
    with closing(database()) as connection:
        for now, (word, path, other) in enumerate(steps):
            connection.execute("SAVEPOINT step")  # as the writer does
            try:
                if word == "put":
                    files.put(connection, "n", path, path.encode(), now)
                elif word == "delete":
                    files.delete(connection, "n", path, now)
                else:
                    files.move(connection, "n", path, other, now)
            except NotPossible:
                connection.execute("ROLLBACK TO step")
            connection.execute("RELEASE step")
            rows = files.below(connection, "n", "/")
            directories = {row.path for row in rows if row.directory} | {"/"}
            assert all(files.parent_of(row.path) in directories for row in rows)
            assert all(files.read(connection, "n", row.path) is not None for row in rows if not row.directory)
