"""Past applies and past texts as rows."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.errors import FlowctlError
from flowctl.model.environment import Environment
from flowctl.model.history import FlowRevision, HistoryEntry
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action

Row = dict[str, object]


def apply_rows(entries: Sequence[HistoryEntry]) -> list[Row]:
    """One row for each apply, newest first."""
    return [
        {
            "serial": entry.serial,
            "at": _at(entry),
            "by": entry.by,
            "commit": short(entry.commit),
            "added": _count(entry, Action.CREATE),
            "changed": _count(entry, Action.UPDATE),
            "deleted": _count(entry, Action.DELETE),
            "adopted": _count(entry, Action.ADOPT),
            "omitted": entry.omitted,
            "objects": [f"{change.action.value} {change.key.address}" for change in entry.changes],
        }
        for entry in entries
    ]


def flow_rows(entries: Sequence[HistoryEntry], revisions: Sequence[FlowRevision], key: FlowKey) -> list[Row]:
    """One row for each text that the server keeps of a flow, newest first, with the apply that wrote it.

    `what` is the apply's action; of other texts it says whether they are certain to be edits on the server.
    """
    written = {
        change.revision_after: (entry, change)
        for entry in entries
        for change in entry.changes
        if change.key == key and change.revision_after is not None
    }
    rows = []
    for revision in reversed(revisions):
        entry, change = written.get(revision.revision, (None, None))
        what = "deleted" if revision.deleted else change.action.value if change is not None else _unapplied(entries)
        row: Row = {"revision": revision.revision, "what": what, "digest": revision.digest[:12]}
        row["at"] = revision.updated.isoformat(timespec="seconds") if revision.updated else None
        row |= {"serial": entry.serial, "by": entry.by, "commit": short(entry.commit)} if entry is not None else {}
        rows.append(row)
    return rows


def known_rows(
    environment: Environment, entries: Sequence[HistoryEntry], revisions: Sequence[FlowRevision], key: FlowKey
) -> list[Row]:
    """The rows of a flow, none when the server keeps no text of one that was applied.

    Raises:
        FlowctlError: C119, neither the server nor any apply knows the flow, or it is not of this environment.
    """
    check_within(environment, key)
    if not revisions and not any(change.key == key for entry in entries for change in entry.changes):
        raise no_flow(environment, key)
    return flow_rows(entries, revisions, key)


def check_within(environment: Environment, key: FlowKey) -> None:
    """Refuse a flow of another environment: the history of this one does not know who wrote it.

    Raises:
        FlowctlError: C119.
    """
    if not environment.owns_namespace(key.namespace):
        where = f"{key} is not among the flows of {environment.name}"
        names = ", ".join(environment.owns)
        hint = "name the environment that it belongs to"
        raise FlowctlError.of("C119", where, f"its namespaces are {names}", hint)


def no_flow(environment: Environment, key: FlowKey) -> FlowctlError:
    """C119: there is no such flow on the server."""
    where = f"there is no flow {key} on the server of {environment.name}"
    return FlowctlError.of("C119", where, hint=f"`flowctl plan {environment.name}`")


def _unapplied(entries: Sequence[HistoryEntry]) -> str:
    """An edit for certain only while the whole history is kept: it begins with the first apply."""
    whole = bool(entries) and min(entry.serial for entry in entries) == 1 and not any(e.omitted for e in entries)
    return "edited on the server" if whole else "not by a kept apply"


def _at(entry: HistoryEntry) -> str:
    return entry.at.isoformat(timespec="seconds")


def short(commit: str | None) -> str | None:
    """A commit in twelve digits, with its mark when the work tree was not clean."""
    if commit is None:
        return None
    return commit[:12] + ("-dirty" if commit.endswith("-dirty") else "")


def _count(entry: HistoryEntry, action: Action) -> int:
    return sum(change.action is action for change in entry.changes)
