"""Putting things back as they were (`--rollback-on-error`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.applying import refusals
from flowctl.applying.reading import read_live
from flowctl.errors import ApplyError
from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.plan import Action, Change
from flowctl.remote.port import Server, Written


@dataclass(frozen=True, slots=True)
class Undo:
    """What an object was before its write; all None when it was not there. Values stay in memory only."""

    key: ObjectKey
    source: str | None = None
    data: bytes | None = None
    value: tuple[str, object] | None = field(default=None, repr=False)

    @property
    def digest(self) -> str | None:
        """The plain digest of what was there."""
        if self.source is not None:
            return text_digest(self.source)
        if self.data is not None:
            return bytes_digest(self.data)
        return kv_digest(*self.value) if self.value is not None else None


def remember(server: Server, change: Change) -> Undo:
    """Read what a write is about to replace."""
    key = change.key
    if change.action is Action.CREATE:
        return Undo(key)
    if isinstance(key, FlowKey):
        flow = server.read_flow(key)
        return Undo(key, source=flow.source if flow is not None else None)
    if isinstance(key, FileKey):
        return Undo(key, data=server.read_file(key))
    return Undo(key, value=server.read_value(key))


def put_back(server: Server, undo: Undo, environment: str) -> int | None:
    """Write the old content again and prove that it is there. Returns a flow's new revision.

    `environment` is the name that errors have.

    Raises:
        ApplyError: A108, what is there afterwards is something else.
        ServerError: the server did not take it.
    """
    written = _restore(server, undo)
    have = read_live(server, undo.key)
    found = have.digest if have is not None else None
    if found != undo.digest:
        raise ApplyError(refusals.not_rolled_back(undo.key, "the server has something else afterwards", environment))
    return written.revision if written is not None else None


def _restore(server: Server, undo: Undo) -> Written | None:
    key = undo.key
    if isinstance(key, FlowKey):
        return _restore_flow(server, key, undo.source)
    if isinstance(key, FileKey):
        if undo.data is not None:
            return server.put_file(key, undo.data)
        server.delete_file(key)
        return None
    assert isinstance(key, KvKey)
    if undo.value is not None:
        return server.put_value(key, *undo.value)
    server.delete_value(key)
    return None


def _restore_flow(server: Server, key: FlowKey, source: str | None) -> Written | None:
    if source is None:
        server.delete_flow(key)
        return None
    there = server.read_flow(key) is not None
    return server.update_flow(key, source) if there else server.create_flow(key, source)
