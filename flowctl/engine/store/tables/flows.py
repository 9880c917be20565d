"""Flows and their revisions. Functions of an open connection: reads anywhere, writes inside `Store.write`.

Numbering: every stored text takes the number after the highest one ever used, a deletion takes one
too; a text equal to the newest one (its first `revision: N` line apart) keeps it.

A draft is a revision like others that only `draft`, `revision` and `revisions` know of: everything else goes on with
the newest revision that is none.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable

from flowctl.engine.store.tables import triggers
from flowctl.engine.store.tables.flow_rows import FlowRow, Head, NewFlow, Saved

SaveFlow = Callable[[sqlite3.Connection], Saved]

COLUMNS = "namespace, id, revision, digest, disabled, deleted, updated_ms, draft, body, source"
_REVISION_LINE = re.compile(r"^revision:[ \t]*[0-9]+[ \t]*\r?\n?", re.MULTILINE)


def row_of(values: tuple[object, ...]) -> FlowRow:
    """A `FlowRow` from `COLUMNS`."""
    namespace, id_, revision, digest, disabled, deleted, updated, draft, body, source = values
    return FlowRow(
        namespace,  # type: ignore[arg-type]  # of the columns
        id_,  # type: ignore[arg-type]
        revision,  # type: ignore[arg-type]
        digest,  # type: ignore[arg-type]
        bool(disabled),
        bool(deleted),
        updated,  # type: ignore[arg-type]
        body,  # type: ignore[arg-type]
        source,  # type: ignore[arg-type]
        bool(draft),
    )


def head(connection: sqlite3.Connection, namespace: str, id_: str) -> Head | None:
    """What is newest of a flow, drafts apart, a tombstone included; None when it never existed."""
    row = connection.execute(
        "SELECT revision, digest, disabled, deleted FROM flows WHERE namespace = ? AND id = ?", (namespace, id_)
    ).fetchone()
    return Head(row[0], row[1], bool(row[2]), bool(row[3])) if row else None


def newest(connection: sqlite3.Connection, namespace: str, id_: str, *, allow_deleted: bool = False) -> FlowRow | None:
    """The newest revision that is no draft; None when there is none, or it is deleted and `allow_deleted` is not
    set."""
    found = head(connection, namespace, id_)
    if found is None or (found.deleted and not allow_deleted):
        return None
    return _revision(connection, namespace, id_, found.revision, deleted=found.deleted)


def revision(
    connection: sqlite3.Connection, namespace: str, id_: str, number: int, *, allow_deleted: bool = False
) -> FlowRow | None:
    """One revision of a flow; a dropped one or a tombstone only with `allow_deleted`."""
    row = _revision(connection, namespace, id_, number)
    return row if row and (allow_deleted or not row.deleted) else None


def draft(connection: sqlite3.Connection, namespace: str, id_: str) -> FlowRow | None:
    """The draft that was saved after all else of a flow; None when what is newest is none."""
    last = connection.execute(
        "SELECT revision, draft FROM flow_revisions WHERE namespace = ? AND id = ? AND dropped = 0 "
        "ORDER BY revision DESC LIMIT 1",
        (namespace, id_),
    ).fetchone()
    return _revision(connection, namespace, id_, last[0]) if last and last[1] else None


def exists(connection: sqlite3.Connection, namespace: str, id_: str) -> bool:
    """Whether there is a flow that is not deleted, be it only a draft."""
    found = head(connection, namespace, id_)
    return bool(found and not found.deleted) or draft(connection, namespace, id_) is not None


def _next_number(connection: sqlite3.Connection, namespace: str, id_: str) -> int:
    (last,) = connection.execute(
        "SELECT coalesce(max(revision), 0) FROM flow_revisions WHERE namespace = ? AND id = ?", (namespace, id_)
    ).fetchone()
    return int(last) + 1


def _revision(
    connection: sqlite3.Connection, namespace: str, id_: str, number: int, *, deleted: bool = False
) -> FlowRow | None:
    row = connection.execute(
        "SELECT namespace, id, revision, digest, disabled, (deleted OR dropped OR ?), updated_ms, draft, body, source "
        "FROM flow_revisions WHERE namespace = ? AND id = ? AND revision = ?",
        (deleted, namespace, id_, number),
    ).fetchone()
    return row_of(row) if row else None


def revisions(
    connection: sqlite3.Connection, namespace: str, id_: str, *, allow_deleted: bool = False
) -> list[FlowRow]:
    """Every revision in ascending order; tombstones and dropped ones only with `allow_deleted`."""
    rows = connection.execute(
        "SELECT namespace, id, revision, digest, disabled, (deleted OR dropped), updated_ms, draft, body, source "
        "FROM flow_revisions WHERE namespace = ? AND id = ? AND (? OR (deleted = 0 AND dropped = 0)) ORDER BY revision",
        (namespace, id_, allow_deleted),
    )
    return [row_of(row) for row in rows]


def in_namespace(connection: sqlite3.Connection, namespace: str) -> list[FlowRow]:
    """The newest revisions of exactly this namespace, by id."""
    rows = connection.execute(
        f"SELECT {_qualified('r')} FROM flows f JOIN flow_revisions r USING (namespace, id, revision) "
        "WHERE f.namespace = ? AND f.deleted = 0 ORDER BY f.id",
        (namespace,),
    )
    return [row_of(row) for row in rows]


def same_text(one: str, other: str) -> bool:
    """Whether two sources count as the same: equal after the first `revision: N` line of each is taken away."""
    return one == other or _REVISION_LINE.sub("", one, count=1) == _REVISION_LINE.sub("", other, count=1)


def save(connection: sqlite3.Connection, flow: NewFlow, now_ms: int, *, as_draft: bool = False) -> Saved:
    """Store a text as the next revision, or find that it is the newest one already."""
    old = newest(connection, flow.namespace, flow.id)
    last = draft(connection, flow.namespace, flow.id) or old
    same = last is not None and last.draft == as_draft and last.disabled == flow.disabled
    if last and same and same_text(last.source, flow.source):
        return Saved(last, stored=False)
    number = _next_number(connection, flow.namespace, flow.id)
    row = FlowRow(
        flow.namespace,
        flow.id,
        number,
        flow.digest,
        flow.disabled,
        False,
        now_ms,
        flow.body,
        flow.source,
        as_draft,
    )
    _add_revision(connection, row, flow.labels)
    if as_draft:
        return Saved(row, stored=True)
    _point_at(connection, row, flow.labels)
    _refer(connection, flow.namespace, flow.id, flow.references)
    triggers.replace(connection, flow.namespace, flow.id, flow.triggers, now_ms)
    return Saved(row, stored=True, followers_touched=row.has_followers or bool(old and old.has_followers))


def delete(connection: sqlite3.Connection, namespace: str, id_: str, now_ms: int) -> FlowRow | None:
    """Append a tombstone. Returns what was there, or None when there was nothing to delete."""
    before = newest(connection, namespace, id_) or draft(connection, namespace, id_)
    if before is None:
        return None
    number = _next_number(connection, namespace, id_)
    tomb = FlowRow(namespace, id_, number, before.digest, before.disabled, True, now_ms, before.body, before.source)
    _add_revision(connection, tomb, "{}")
    _point_at(connection, tomb, "{}")
    _refer(connection, namespace, id_, ())
    triggers.replace(connection, namespace, id_, (), now_ms)
    triggers.forget_met(connection, namespace, id_)
    return before


def drop_revisions(connection: sqlite3.Connection, namespace: str, id_: str, numbers: Iterable[int]) -> None:
    """Mark single revisions as deleted; when the newest is among them the flow counts as deleted."""
    wanted = set(numbers)
    connection.executemany(
        "UPDATE flow_revisions SET dropped = 1 WHERE namespace = ? AND id = ? AND revision = ?",
        [(namespace, id_, number) for number in sorted(wanted)],
    )
    found = head(connection, namespace, id_)
    if found and found.revision in wanted and not found.deleted:
        connection.execute("UPDATE flows SET deleted = 1 WHERE namespace = ? AND id = ?", (namespace, id_))
        _refer(connection, namespace, id_, ())
        connection.execute("DELETE FROM triggers WHERE namespace = ? AND flow_id = ?", (namespace, id_))
        triggers.forget_met(connection, namespace, id_)


def purge_revisions(
    connection: sqlite3.Connection, namespace: str, id_: str, *, keep: int | None, before_ms: int | None
) -> int:
    """Mark old revisions as deleted: all but the newest `keep`, or those saved before a time. The one in force stays,
    and so do drafts after it. Returns how many went."""
    found = head(connection, namespace, id_)
    if found is None or found.deleted:
        return 0
    numbered = revisions(connection, namespace, id_)
    old = numbered[: max(len(numbered) - keep, 0)] if keep is not None else numbered
    gone = [
        row.revision
        for row in old
        if row.revision < found.revision and (before_ms is None or row.updated_ms < before_ms)
    ]
    drop_revisions(connection, namespace, id_, gone)
    return len(gone)


def _add_revision(connection: sqlite3.Connection, row: FlowRow, labels: str) -> None:
    connection.execute(
        "INSERT INTO flow_revisions "
        "(namespace, id, revision, source, body, digest, labels, disabled, deleted, updated_ms, draft) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.namespace,
            row.id,
            row.revision,
            row.source,
            row.body,
            row.digest,
            labels,
            row.disabled,
            row.deleted,
            row.updated_ms,
            row.draft,
        ),
    )


def _point_at(connection: sqlite3.Connection, row: FlowRow, labels: str) -> None:
    """Make a revision the one that everything goes on with."""
    connection.execute(
        "INSERT OR REPLACE INTO flows (namespace, id, revision, digest, disabled, deleted, updated_ms, labels) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row.namespace, row.id, row.revision, row.digest, row.disabled, row.deleted, row.updated_ms, labels),
    )


def _refer(
    connection: sqlite3.Connection, namespace: str, id_: str, references: Iterable[tuple[str, str, str]]
) -> None:
    connection.execute("DELETE FROM flow_references WHERE namespace = ? AND id = ?", (namespace, id_))
    rows = [(namespace, id_, *reference) for reference in references]
    if rows:
        connection.executemany("INSERT OR IGNORE INTO flow_references VALUES (?, ?, ?, ?, ?)", rows)


def _qualified(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in COLUMNS.split(", "))
