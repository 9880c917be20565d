"""Bringing a store to this version's tables, one numbered SQL file after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from flowctl.engine.store.problems import StoreTooNew


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `number` from 1, without gaps."""

    number: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """The steps that this version knows, in order."""
    folder = resources.files("flowctl.engine.store") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return tuple(Migration(int(entry.name[:4]), entry.name[5:-4], entry.read_text("utf-8")) for entry in files)


def migrate(connection: sqlite3.Connection, path: Path, known: Sequence[Migration]) -> Path | None:
    """Run the steps the store has not seen, in one transaction; the version is SQLite's `user_version`.

    Returns the copy of the old store that was kept beside it (`NAME.vN.bak`), or None when it was new or current.

    Raises:
        StoreTooNew: the store is of a later version than `known`.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    newest = known[-1].number if known else 0
    if version > newest:
        raise StoreTooNew.of(
            "S304",
            f"the store {path} has version {version}, this flowctl knows {newest}",
            hint="use the newer flowctl that wrote it, or another --data directory",
        )
    if version == newest:
        return None
    copy = _keep_copy(connection, path, version) if version else None
    _run(connection, [step for step in known if step.number > version])
    return copy


def _run(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps:
            for statement in _statements(step.sql):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={step.number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(sql: str) -> list[str]:
    """The single statements of a script; `executescript` would commit between them."""
    statements, pending = [], ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return [*statements, pending] if pending.strip() else statements


def _keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    copy = path.with_name(f"{path.name}.v{version}.bak")
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
    return copy
