"""Stores of other versions: older ones are brought along with a copy kept, newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flowctl.engine.store import Store, StoreTooNew
from flowctl.engine.store.connections import writing
from flowctl.engine.store.migrating import Migration, migrate, migrations
from flowctl.engine.store.sealed import Seals

FIRST = Migration(1, "first", "CREATE TABLE one (a TEXT);\n-- a comment; here\nCREATE TABLE two (b TEXT);\n")
SECOND = Migration(2, "second", "ALTER TABLE one ADD COLUMN c TEXT;\nINSERT INTO two VALUES ('x;y');\n")
BROKEN = Migration(2, "broken", "CREATE TABLE three (d TEXT);\nCREATE TABLE one (a TEXT);\n")


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_steps_are_numbered_without_gaps_from_1() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_new_store_gets_every_step_and_no_copy(tmp_path: Path) -> None:
    with closing(writing(tmp_path / "s.db", Seals())) as connection:
        assert migrate(connection, tmp_path / "s.db", [FIRST, SECOND]) is None
        assert version(connection) == 2
        assert tables(connection) == {"one", "two"}
        assert connection.execute("SELECT b FROM two").fetchall() == [("x;y",)]


def test_an_older_store_is_brought_along_and_its_copy_kept(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with closing(writing(path, Seals())) as connection:
        migrate(connection, path, [FIRST])
        connection.execute("INSERT INTO one VALUES ('kept')")
        copy = migrate(connection, path, [FIRST, SECOND])
        assert connection.execute("SELECT a, c FROM one").fetchall() == [("kept", None)]
    assert copy == tmp_path / "s.db.v1.bak"
    with closing(sqlite3.connect(copy)) as old:
        assert (version(old), old.execute("SELECT * FROM one").fetchall()) == (1, [("kept",)])


def test_a_failing_step_leaves_the_old_version_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with closing(writing(path, Seals())) as connection:
        migrate(connection, path, [FIRST])
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, path, [FIRST, BROKEN])
        assert version(connection) == 1
        assert "three" not in tables(connection)


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path, environ={}).close()
    with closing(sqlite3.connect(tmp_path / "flowctl.db")) as connection:
        connection.execute("PRAGMA user_version=9999")
    with pytest.raises(StoreTooNew) as refused:
        Store.open(tmp_path, environ={})
    found = refused.value.diagnostics[0]
    assert found.code == "S304"
    assert "9999" in found.summary


def test_a_current_store_is_not_copied(tmp_path: Path) -> None:
    Store.open(tmp_path, environ={}).close()
    Store.open(tmp_path, environ={}).close()
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.suffix == ".bak") == []
