"""Digests and revisions of everything in some namespaces, in one read: what a plan starts from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from flowctl.engine.executor.records.states import TERMINAL
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.patterns import namespace_condition

_ENDED = tuple(sorted(TERMINAL))
_GOING_ON = (
    "SELECT namespace, flow_id, state, number FROM execution_counts WHERE {where} AND shown = 1 "
    f"AND number > 0 AND state NOT IN ({', '.join('?' * len(_ENDED))}) ORDER BY namespace, flow_id, state"
)
Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Overview:
    """Rows in the order of the wire format of `state`; `own` are the values of keys that begin with `flowctl.`.

    `calls` are caller, relation and called of flows anywhere, where the called one is in the namespaces, or calls one
    that is, at any distance;
    `executions` how many are not at their end, by flow and state; `secrets` names, those of higher namespaces too.
    """

    flows: Rows
    deleted: Rows
    files: Rows
    kv: Rows
    triggers: Rows
    own: dict[str, dict[str, object]]
    calls: Rows
    executions: Rows
    secrets: Rows

    def members(self) -> dict[str, object]:
        """The parts by name; nothing is copied."""
        return {name: getattr(self, name) for name in self.__slots__}


def overview(connection: sqlite3.Connection, patterns: Sequence[str], now_ms: int) -> Overview:
    """What there is in the namespaces that the patterns cover, all of one commit."""
    condition, values = namespace_condition("namespace", patterns)

    def rows(query: str, *more: object) -> Rows:
        return connection.execute(query.format(where=condition), (*values, *more)).fetchall()

    living = "(expires_ms IS NULL OR expires_ms > ?)"
    return Overview(
        flows=rows(
            "SELECT namespace, id, revision, digest, disabled, updated_ms FROM flows "
            "WHERE {where} AND deleted = 0 ORDER BY namespace, id"
        ),
        deleted=rows("SELECT namespace, id, revision FROM flows WHERE {where} AND deleted = 1 ORDER BY namespace, id"),
        files=rows(
            "SELECT namespace, path, digest, size FROM files WHERE {where} AND digest IS NOT NULL "
            "ORDER BY namespace, path"
        ),
        kv=rows(
            "SELECT namespace, key, type, digest, revision, expires_ms FROM key_values "
            f"WHERE {{where}} AND {living} AND substr(key, 1, 8) <> 'flowctl.' ORDER BY namespace, key",
            now_ms,
        ),
        triggers=rows(
            "SELECT namespace, flow_id, trigger_id, (disabled OR off_in_text), next_ms, last_ms, "
            "backfill IS NOT NULL, execution_id IS NOT NULL, kind FROM triggers WHERE {where} "
            "ORDER BY namespace, flow_id, trigger_id"
        ),
        own=_own(
            rows(
                "SELECT namespace, key, value FROM key_values "
                f"WHERE {{where}} AND {living} AND substr(key, 1, 8) = 'flowctl.' ORDER BY namespace, key",
                now_ms,
            )
        ),
        calls=_calls(connection, patterns),
        executions=rows(_GOING_ON, *_ENDED),
        secrets=_secrets(connection, patterns),
    )


def _calls(connection: sqlite3.Connection, patterns: Sequence[str]) -> Rows:
    """Calls of flows in the namespaces, and of their callers, at any distance; those may be anywhere."""
    condition, values = namespace_condition("other_namespace", patterns)
    columns = "namespace, id, relation, other_namespace, other_id"
    query = (
        f"WITH RECURSIVE found({columns}) AS (SELECT {columns} FROM flow_references WHERE {condition} UNION "
        "SELECT more.namespace, more.id, more.relation, more.other_namespace, more.other_id FROM found "
        "JOIN flow_references more ON more.other_namespace = found.namespace AND more.other_id = found.id) "
        f"SELECT {columns} FROM found ORDER BY {columns}"
    )
    return connection.execute(query, values).fetchall()


def _secrets(connection: sqlite3.Connection, patterns: Sequence[str]) -> Rows:
    """A namespace also sees the secrets of those above it."""
    above = sorted({pattern[:at] for pattern in patterns for at, sign in enumerate(pattern) if sign == "."})
    condition, values = namespace_condition("namespace", patterns)
    extra = f" OR namespace IN ({', '.join('?' * len(above))})" if above else ""
    query = f"SELECT namespace, key FROM secrets WHERE {condition}{extra} ORDER BY namespace, key"
    return connection.execute(query, (*values, *above)).fetchall()


def _own(rows: Rows) -> dict[str, dict[str, object]]:
    own: dict[str, dict[str, object]] = {}
    for namespace, key, value in rows:
        own.setdefault(str(namespace), {})[str(key)] = load(str(value))
    return own
