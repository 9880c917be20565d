"""One change as a single write: proven unmoved, written, and what the server made of it. Runs in worker threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from flowctl.applying import refusals
from flowctl.applying.fencing import digest_after, moved
from flowctl.applying.reading import read_live
from flowctl.applying.session import Session
from flowctl.applying.undoing import Undo, remember
from flowctl.errors import ApplyError, FlowctlError, ServerRefused, ServerUnreachable
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change
from flowctl.remote.port import Written


@dataclass(frozen=True, slots=True)
class Ended:
    """How one write ended. `uncertain`: it failed, but the server may have carried it out."""

    change: Change
    written: Written | None = None
    error: Diagnostic | None = None
    seconds: float = 0.0
    warning: Diagnostic | None = None
    uncertain: bool = False
    undo: Undo | None = None


def write(session: Session, change: Change, live: LiveState, allowed: Callable[[], bool]) -> Ended | None:
    """Write one change, or return None when `allowed`, asked right before, says no.

    Never raises what flowctl raises on purpose: that is the end of this change alone.
    """
    started, undo = time.perf_counter(), None
    try:
        _prove_again(session, change, live)
        if session.options.rollback_on_error:
            undo = remember(session.server, change)
        if not allowed():
            return None
    except FlowctlError as error:
        return Ended(change, error=error.diagnostics[0], seconds=time.perf_counter() - started)
    try:
        done = _send(session, change)
    except FlowctlError as error:
        return _after_error(session, change, error, undo, started)
    problem, warning = _stored_otherwise(session, change, done), _overtaken(change, done)
    return Ended(change, done, problem, time.perf_counter() - started, warning, undo=undo)


def _after_error(session: Session, change: Change, error: FlowctlError, undo: Undo | None, started: float) -> Ended:
    """The end of a failed write. Where it may have arrived all the same, the server is asked."""
    uncertain = _uncertain(error)
    if uncertain:
        try:
            have = read_live(session.server, change.key)
        except FlowctlError:
            pass
        else:
            if (have.digest if have is not None else None) == digest_after(change, session.values):
                written = Written(have.revision, have.digest) if have is not None else None
                return Ended(change, written, None, time.perf_counter() - started, undo=undo)
    seconds = time.perf_counter() - started
    return Ended(change, error=error.diagnostics[0], seconds=seconds, uncertain=uncertain, undo=undo)


def _uncertain(error: FlowctlError) -> bool:
    if isinstance(error, ServerUnreachable):
        return error.sent
    return isinstance(error, ServerRefused) and error.status >= 500


def _prove_again(session: Session, change: Change, live: LiveState) -> None:
    """Read the object once more where what is known of it is old, or was never looked for.

    Raises:
        ApplyError: A104, it moved.
    """
    age = (session.clock() - live.fetched_at).total_seconds()
    unseen = change.action is Action.CREATE and not isinstance(change.key, FlowKey)
    if age <= session.options.fence_seconds and (live.server.capabilities.state or not unseen):
        return
    problem = moved(change, read_live(session.server, change.key), live.ledger)
    if problem is not None:
        raise ApplyError(problem)


def _send(session: Session, change: Change) -> Written | None:
    key = change.key
    if isinstance(key, FlowKey):
        return _send_flow(session, key, change)
    if isinstance(key, FileKey):
        return _send_file(session, key, change)
    if change.action is Action.DELETE:
        session.server.delete_value(key)
        return None
    wanted, after = session.values[key], change.after
    assert after is not None
    return session.server.put_value(key, wanted.type, wanted.value, after.ttl, after.description)


def _send_flow(session: Session, key: FlowKey, change: Change) -> Written | None:
    if change.action is Action.DELETE:
        session.server.delete_flow(key)
        return None
    assert change.after is not None and change.after.source is not None
    send = session.server.create_flow if change.action is Action.CREATE else session.server.update_flow
    return send(key, change.after.source)


def _send_file(session: Session, key: FileKey, change: Change) -> Written | None:
    if change.action is Action.DELETE:
        session.server.delete_file(key)
        return None
    assert change.after is not None and change.after.data is not None
    return session.server.put_file(key, change.after.data)


def _stored_otherwise(session: Session, change: Change, done: Written | None) -> Diagnostic | None:
    sent = digest_after(change, session.values)
    if done is None or sent is None or done.digest == sent:
        return None
    return refusals.stored_otherwise(change.key, sent, done.digest, session.options.environment.name)


def _overtaken(change: Change, done: Written | None) -> Diagnostic | None:
    before = change.before.revision if change.before is not None else None
    if done is None or done.revision is None or before is None or not isinstance(change.key, FlowKey):
        return None
    return refusals.overtaken(change.key, before + 1, done.revision) if done.revision > before + 1 else None
