"""Applying in one request: every write, the ledger, the history and the lock in a single transaction.

No lock has to be held in between: the batch itself is fenced by the lock as it was read, so it fails as a whole when
somebody took the lock or applied meanwhile. What stands in the lock afterwards says who applied last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowctl.applying import refusals
from flowctl.applying.books import Books, new_ledger
from flowctl.applying.fencing import digest_after, prove
from flowctl.applying.holds.draining import reopen_left
from flowctl.applying.lease import new_lock
from flowctl.applying.operations import fenced_operation
from flowctl.applying.secrets import check_unchanged
from flowctl.applying.session import Session, applied
from flowctl.applying.waiting import Patience, held
from flowctl.errors import ApplyError, ServerError, ServerRefused, ServerUnreachable
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Lock
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change
from flowctl.model.report import ApplyReport
from flowctl.model.settling import settle
from flowctl.remote.port import BatchOutcome, Conflict, Operation, Written

ATTEMPTS = 5
GATEWAY = frozenset({502, 504})
"""What a proxy answers when it gives up: the server behind it may go on all the same."""
OWN = "flowctl."


@dataclass(frozen=True, slots=True)
class _Batch:
    """One attempt: what would be written on top of one reading of the server."""

    live: LiveState
    books: Books
    lock: Lock
    writes: tuple[tuple[Change, Operation], ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class _Lost:
    """A batch without an answer of the server itself: it may have been carried out, or may be yet."""

    batch: _Batch
    error: ServerUnreachable | ServerRefused

    @property
    def refused(self) -> bool:
        """Whether the server itself answered that it failed: what it has not done by now, it will not do."""
        return isinstance(self.error, ServerRefused) and self.error.status not in GATEWAY

    def unknown(self, session: Session, *more: Diagnostic) -> ApplyError:
        """A117, with what else stood in the way of finding out."""
        name = session.options.environment.name
        return ApplyError(refusals.outcome_unknown((*self.error.diagnostics, *more), name))


def apply_batch(session: Session) -> ApplyReport:
    """Apply everything or nothing.

    Raises:
        ApplyError: A103, A104, A105, A116, A119: refused, nothing was written. A117: the outcome is unknown.
        ServerError: the server cannot be asked; nothing was written.
    """
    patience, lost = Patience(session), None
    for _ in range(ATTEMPTS):
        live = _read(session, patience, lost)
        if lost is not None and _is_ours(live, lost.batch.lock):
            return _succeed(session, lost.batch, ())
        if lost is not None and lost.refused:
            return _refused(session, lost.batch, lost.error)
        batch = _assemble(session, live)
        outcome = _send(session, batch, lost)
        if isinstance(outcome, _Lost):
            lost = outcome
        elif isinstance(outcome, ServerRefused):
            return _refused(session, batch, outcome)
        elif not outcome.conflicts:
            return _succeed(session, batch, outcome.written)
        elif lost is None:  # otherwise the lost batch may have come late: the next reading tells
            _only_races(outcome.conflicts)
    raise lost.unknown(session) if lost is not None else ApplyError(_restless(session))


def _read(session: Session, patience: Patience, lost: _Lost | None) -> LiveState:
    """The server once nobody holds the lock, with every flow put back that an apply left behind which was cut short.

    Raises:
        ApplyError: A103, the patience is at its end. A117, the server cannot be asked about the batch that was lost.
        ServerError: the server cannot be asked, and nothing was sent.
    """
    try:
        live = session.server.read_state(session.options.environment)
        while live.lock is not None and held(live.lock, session.clock()):
            patience.wait(live.lock)
            live = session.server.read_state(session.options.environment)
        if lost is None and live.lock is not None and _reopened(session, live.lock):
            live = session.server.read_state(session.options.environment)
    except ServerError as error:
        if lost is None:
            raise
        raise lost.unknown(session, *error.diagnostics) from None
    return live


def _send(session: Session, batch: _Batch, lost: _Lost | None) -> BatchOutcome | ServerRefused | _Lost:
    """What became of a batch.

    Raises:
        ServerUnreachable: it certainly did not arrive. `ApplyError` A117 when an earlier one may have.
    """
    try:
        return session.server.batch(batch.operations, session.plan.id)
    except ServerUnreachable as error:
        if error.sent:
            return _Lost(batch, error)
        if lost is None:
            raise
        raise lost.unknown(session, *error.diagnostics) from None
    except ServerRefused as error:
        return _Lost(batch, error) if error.status >= 500 else error


def _reopened(session: Session, lock: Lock) -> bool:
    """Whether the text of a flow was put back that an apply left behind which was cut short."""
    return bool(reopen_left(session.server, lock, [change.key for change in session.plan.changes]).flows)


def _assemble(session: Session, live: LiveState) -> _Batch:
    plan, values = session.plan, session.values
    resumed = live.lock is not None and live.lock.plan_id == plan.id
    proof = prove(plan, live, values, resumed=resumed)
    ledger = live.ledger or new_ledger()
    if problems := check_unchanged(plan, values, live.ledger):
        raise ApplyError(*problems)
    books = Books(plan, ledger, settle(ledger, live.lock, live).entries, values, session.options.by, session.clock)
    writes = []
    for change in proof.pending:
        operation = fenced_operation(change, live, values)
        if operation is None:
            books.record_found(change, live)
        else:
            writes.append((change, operation))
            books.record(change, _revision_after(change, operation), digest_after(change, values))
    for change in proof.done:
        books.record_found(change, live)
    lock = replace(new_lock(session), released=True)
    server, namespace = session.server, session.namespace
    own = (
        *server.ledger_operations(namespace, books.ledger()),
        *server.history_operations(namespace, books.history()),
        server.lock_operation(namespace, lock),
    )
    return _Batch(live, books, lock, tuple(writes), (*(operation for _, operation in writes), *own))


def _revision_after(change: Change, operation: Operation) -> int | None:
    """The revision that a write will get: the next one, as the fence keeps others out. Values are not predicted."""
    if not isinstance(change.key, FlowKey) or operation.expected_revision is None:
        return None
    same = change.before is not None and change.after is not None and change.before.digest == change.after.digest
    return operation.expected_revision + (0 if same and change.action is Action.UPDATE else 1)


def _is_ours(live: LiveState, lock: Lock) -> bool:
    return live.lock is not None and live.lock.id == lock.id


def _only_races(conflicts: Sequence[Conflict]) -> None:
    """Go on when only flowctl's own records moved: somebody else applied first, and the next reading shows what.

    Raises:
        ApplyError: A104, for each object of the plan that moved.
    """
    problems = [
        refusals.moved(one.key, f"revision {one.expected}", f"revision {one.found}")
        if isinstance(one.key, FlowKey)
        else refusals.moved(one.key, "what the plan saw", "something else")
        for one in conflicts
        if not (isinstance(one.key, KvKey) and one.key.key.startswith(OWN))
    ]
    if problems:
        raise ApplyError(*problems)


def _succeed(session: Session, batch: _Batch, written: Sequence[Written]) -> ApplyReport:
    """Everything is on the server. Without `written` the answer was lost, and the ledger proves it."""
    known = {change.key: one for (change, _), one in zip(batch.writes, written, strict=False)}
    ledger = batch.books.ledger()
    for change in session.plan.changes:
        entry = ledger.entries.get(change.key)
        one = known.get(change.key)
        revision = one.revision if one is not None else entry.revision if entry is not None else None
        session.finish(change, applied(change, revision))
    _correct(session, batch, known)
    return session.report(batch.books.serial)


def _correct(session: Session, batch: _Batch, known: Mapping[ObjectKey, Written]) -> None:
    """Should the server have numbered otherwise than foretold, the ledger is set right at once."""
    books, wrong = batch.books, False
    for change, operation in batch.writes:
        one = known.get(change.key)
        if one is None or operation.delete or not isinstance(change.key, FlowKey):
            continue
        if one.revision != _revision_after(change, operation):
            books.record(change, one.revision, one.digest)
            wrong = True
    if wrong:
        try:
            session.server.write_ledger(session.namespace, books.ledger())
        except ServerError as error:
            session.problems.append(refusals.ledger_not_written(error.diagnostics))


def _refused(session: Session, batch: _Batch, error: ServerError) -> ApplyReport:
    """The server took none of it: it says what is wrong, and every object stays as it was."""
    session.problems.extend(error.diagnostics)
    for change in session.plan.changes:
        session.skip(change, refusals.stopped(change.key, "the server refused the batch, which is all or nothing"))
    return session.report(batch.books.base.serial)


def _restless(session: Session) -> Diagnostic:
    name = session.options.environment.name
    return Diagnostic(
        "A120",
        "error",
        f"others applied to {name} {ATTEMPTS} times while this apply tried to; nothing was written",
        hint=refusals.PLAN_AGAIN,
    )
