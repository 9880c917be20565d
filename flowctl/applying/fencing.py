"""Proof that what a plan touches has not moved since it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowctl.applying import refusals
from flowctl.applying.secrets import Wanted
from flowctl.errors import ApplyError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Ledger, Lock, same_digest
from flowctl.model.live import LiveFlow, LiveKeyValue, LiveObject, LiveState
from flowctl.model.plan import Action, Change, Plan

LEDGER_ONLY = (Action.ADOPT, Action.FORGET)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is left to do, and what a part of this very plan did before it was cut short."""

    pending: tuple[Change, ...]
    done: tuple[Change, ...]


def prove(plan: Plan, live: LiveState, values: Mapping[ObjectKey, Wanted], *, resumed: bool) -> Proof:
    """Hold every change against the live state.

    `resumed` says that the last lock was taken for this plan: then an object that is already as it shall be counts as
    done.

    Raises:
        ApplyError: A104 for each object that moved; A105, another server or ledger; A119, all was done before.
    """
    _same_place(plan, live)
    pending, done, problems = list[Change](), list[Change](), list[Diagnostic]()
    for change in plan.changes:
        have = live.object(change.key)
        if resumed and change.action not in LEDGER_ONLY and _arrived(change, have, values):
            done.append(change)
        elif live.lock is not None and _drained(change, have, live.lock):
            pending.append(_from(change, have))
        elif (problem := moved(change, have, live.ledger)) is not None:
            problems.append(problem)
        else:
            pending.append(change)
    if problems:
        raise ApplyError(*problems)
    finished = live.lock is not None and live.lock.released
    if resumed and finished and not pending:
        raise ApplyError(refusals.already_applied(plan.id))
    return Proof(tuple(pending), tuple(done))


def _drained(change: Change, have: LiveObject | None, lock: Lock) -> bool:
    """Whether a flow is only disabled meanwhile by an apply that was cut short."""
    before = change.before
    return isinstance(have, LiveFlow) and before is not None and lock.drained(have.key, before.revision, have.digest)


def _from(change: Change, have: LiveObject | None) -> Change:
    assert isinstance(have, LiveFlow) and change.before is not None
    return replace(change, before=replace(change.before, revision=have.revision, digest=have.digest))


def _same_place(plan: Plan, live: LiveState) -> None:
    if plan.server.id != live.server.id:
        raise ApplyError(refusals.other_server(plan.server.id, live.server.id))
    if plan.lineage is not None and (live.ledger is None or live.ledger.lineage != plan.lineage):
        raise ApplyError(refusals.other_lineage(plan.lineage, live.ledger.lineage if live.ledger else "none"))


def _arrived(change: Change, have: LiveObject | None, values: Mapping[ObjectKey, Wanted]) -> bool:
    if change.action is Action.DELETE:
        return have is None
    return have is not None and have.digest == digest_after(change, values)


def digest_after(change: Change, values: Mapping[ObjectKey, Wanted]) -> str | None:
    """The plain digest of the object after the change; None for a delete."""
    if change.key in values:
        return values[change.key].digest
    return change.after.digest if change.after is not None and change.action is not Action.DELETE else None


def moved(change: Change, have: LiveObject | None, ledger: Ledger | None) -> Diagnostic | None:
    """A104 when a live object is not what the plan saw."""
    before = change.before
    if before is None:
        if have is None:
            return None
        return refusals.moved(change.key, "nothing", _shown(have))
    expected = _said(before.revision, None if isinstance(change.key, KvKey) else before.digest)
    if have is None:
        return refusals.moved(change.key, expected, "nothing")
    flow = isinstance(change.key, FlowKey)
    if flow and before.revision is not None and before.revision != have.revision:
        return refusals.moved(change.key, expected, _shown(have))
    if before.digest is not None and not same_digest(ledger, before.digest, have.digest):
        return refusals.moved(change.key, expected, _shown(have))
    return None


def _shown(have: LiveObject) -> str:
    return _said(have.revision, None if isinstance(have, LiveKeyValue) else have.digest)


def _said(revision: int | None, digest: str | None) -> str:
    """What names a state of an object. The digest of a value stays out: a short secret could be found by trying."""
    shown = digest[:12] if digest is not None else "another value"
    return f"revision {revision} ({shown})" if revision is not None else shown
