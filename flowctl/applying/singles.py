"""Applying object by object: for servers without batch, and where the options want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flowctl.applying import refusals
from flowctl.applying.books import Books, new_ledger
from flowctl.applying.fencing import Proof, prove
from flowctl.applying.holds.draining import Drain
from flowctl.applying.holds.holding import Holding
from flowctl.applying.holds.staying import StaysOff
from flowctl.applying.holds.stopping import Stop
from flowctl.applying.lease import Lease
from flowctl.applying.rounds import Rounds
from flowctl.applying.secrets import check_unchanged
from flowctl.applying.session import Session, applied
from flowctl.applying.undoing import put_back
from flowctl.applying.writing import Ended
from flowctl.errors import ApplyError, FlowctlError, ServerError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Intent, Stopped
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change
from flowctl.model.progress import Progress, Step
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.model.settling import settle
from flowctl.remote.port import Written


def apply_singly(session: Session) -> ApplyReport:
    """Lock, prove, announce, write level by level, record.

    Raises:
        ApplyError: A103, A104, A105, A113, A116, A119: refused, nothing was written.
        ServerError: the server could not be asked before the first write; nothing was written.
    """
    lease = Lease.take(session)
    try:
        live = replace(session.server.read_state(session.options.environment), fetched_at=session.clock())
        ready = _prepare(session, lease, live)
    except BaseException:
        _give_up(lease)
        raise
    return _Run(session, lease, live, *ready).run()


def _give_up(lease: Lease) -> None:
    """Nothing was written: the lock goes, unless an earlier apply's intents are still needed."""
    if lease.lock.intents or lease.lock.unfinished:
        lease.abandon()
    else:
        lease.release()


def _prepare(session: Session, lease: Lease, live: LiveState) -> tuple[Proof, Books, StaysOff]:
    """Everything that must stand before the first write, the intents last."""
    previous = lease.previous
    resumed = previous is not None and previous.plan_id == session.plan.id
    proof = prove(session.plan, _as_before(live, lease), session.values, resumed=resumed)
    if problems := check_unchanged(session.plan, session.values, live.ledger):
        raise ApplyError(*problems)
    ledger = live.ledger
    if ledger is None:
        ledger = new_ledger()
        session.server.write_ledger(session.namespace, ledger)
    settled = settle(ledger, previous, live)
    books = Books(session.plan, ledger, settled.entries, session.values, session.options.by, session.clock)
    stopped = (intent for one in lease.lock.stopped for intent in one.intents)
    off = StaysOff(session, lease, live, proof.pending)
    lease.announce((*settled.kept, *stopped, *books.intents()), off.recorded)
    return proof, books, off


def _as_before(live: LiveState, lease: Lease) -> LiveState:
    """The state with the lock that was there before ours."""
    return replace(live, lock=lease.previous)


class _Run:
    """The writes of one apply, from the first one to the report."""

    def __init__(
        self, session: Session, lease: Lease, live: LiveState, proof: Proof, books: Books, off: StaysOff
    ) -> None:
        self._session, self._lease, self._live, self._proof, self._books = session, lease, live, proof, books
        self._drain, self._stop, self._off = Drain(session, lease), Stop(session, lease, live.ledger), off
        self._planned = {change.key: change for change in session.plan.changes}
        self._ledger_at = session.clock()
        self._done: list[Ended] = []
        self._uncertain: list[Ended] = []
        self._problem: Diagnostic | None = None

    def run(self) -> ApplyReport:
        """Write everything that can be written, then the ledger."""
        for change in self._proof.done:
            self._books.record_found(change, self._live)
            self._session.finish(change, applied(change, None))
        rounds = Rounds(self._session, self._live, self._on_end, self._keep_alive, self._lease.still_ours)
        disabled = frozenset(key for key, flow in self._live.flows.items() if flow.disabled)
        holding = Holding(self._session, self._drain, self._stop, disabled)
        all_quiet = holding.run(self._proof.pending, rounds, self._on_ledger_only)
        if self._session.options.rollback_on_error and (rounds.failed or not all_quiet):
            self._roll_back()
        self._off.look_again()
        self._close()
        if self._lease.lost is not None:
            self._session.problems.append(self._lease.lost)
        return self._session.report(self._books.serial, interrupted=self._session.stop.is_set())

    def _on_ledger_only(self, change: Change) -> None:
        self._books.record_found(change, self._live)
        entry = self._books.revision(change.key)
        self._session.finish(change, applied(change, entry))

    def _on_end(self, ended: Ended) -> bool:
        """Take down how a write ended; whether it went well."""
        session, change = self._session, self._planned[ended.change.key]
        ended = replace(ended, change=change)
        if ended.warning is not None:
            session.note(ended.warning)
        if ended.error is not None:
            if ended.uncertain:
                self._uncertain.append(ended)
            if ended.uncertain or ended.written is not None:
                self._off.after(change)
            if ended.written is not None:
                self._books.record(change, ended.written.revision, ended.written.digest)
            session.finish(change, _failed(ended))
            return False
        written = ended.written
        self._books.record(change, written.revision if written else None, written.digest if written else None)
        self._done.append(ended)
        self._off.after(change)
        session.finish(change, applied(change, written.revision if written else None, ended.seconds))
        return True

    def _keep_alive(self, now: datetime) -> bool:
        """Between writes: renew the lock, write the ledger from time to time. False: nothing more may be written."""
        if not self._lease.renew_if_due(now):
            return False
        if (now - self._ledger_at).total_seconds() >= self._session.options.ledger_seconds:
            self._ledger_at = now
            self._write_ledger()
        return self._lease.lost is None

    def _write_ledger(self) -> bool:
        """Whether the ledger is on the server; one that belongs to somebody else by now is left alone."""
        if not self._books.unsaved:
            return True
        try:
            if not self._lease.still_ours():
                return False
            self._session.server.write_ledger(self._session.namespace, self._books.ledger())
        except ServerError as error:
            self._books.unsaved = True
            self._problem = refusals.ledger_not_written(error.diagnostics)
            return False
        return True

    def _roll_back(self) -> None:
        """Put back what was written, the last write first."""
        name = self._session.options.environment.name
        for ended in reversed(self._done):
            assert ended.undo is not None
            change = ended.change
            self._session.say(Progress(Step.ROLLBACK, change=change))
            try:
                if not self._lease.still_ours():
                    self._session.problems.append(refusals.not_rolled_back(change.key, "the lock was taken away", name))
                    continue
                revision = put_back(self._session.server, ended.undo, name)
            except FlowctlError as error:
                why = f"{error.diagnostics[0].summary} [{error.diagnostics[0].code}]"
                self._session.problems.append(refusals.not_rolled_back(change.key, why, name))
                continue
            self._books.undo(change.key, revision)
            before = change.before.revision if change.before is not None else None
            self._session.finish(change, Result(change.key, change.action, Outcome.ROLLED_BACK, before, revision))

    def _close(self) -> None:
        """Ledger, history, lock, in this order: whatever cannot be recorded stays recorded as an intent."""
        disabled = self._stop.put_back(self._gone(), self._on_put_back)
        may_be_on = self._off.left(ended.change.key for ended in self._uncertain)
        if self._lease.lost is None and self._books.changed:
            if not self._write_ledger():
                if self._problem is not None:
                    self._session.problems.append(self._problem)
                self._lease.abandon(None, self._drain.reopen(self._gone()), disabled, may_be_on)
                return
            try:
                self._session.server.write_history(self._session.namespace, self._books.history())
            except ServerError as error:
                self._session.note(error.diagnostics[0])
        still_off = self._drain.reopen(self._gone())
        if self._uncertain or still_off or disabled or may_be_on:
            self._lease.abandon(self._open_intents(disabled), still_off, disabled, may_be_on)
        else:
            self._lease.release()

    def _on_put_back(self, flow: FlowKey, written: Written) -> None:
        self._books.put_back(flow, written.revision, written.digest)

    def _gone(self) -> frozenset[FlowKey]:
        """Flows that this apply deleted, and their triggers with them."""
        ends = self._session.results.values()
        return frozenset(
            end.key
            for end in ends
            if isinstance(end.key, FlowKey) and end.action is Action.DELETE and end.outcome is Outcome.APPLIED
        )

    def _open_intents(self, disabled: Sequence[Stopped]) -> tuple[Intent, ...]:
        keys = {ended.change.key for ended in self._uncertain} | {one.flow for one in disabled}
        return tuple(intent for intent in self._lease.lock.intents if intent.key in keys)


def _failed(ended: Ended) -> Result:
    change = ended.change
    before = change.before.revision if change.before is not None else None
    after = ended.written.revision if ended.written is not None else None
    return Result(change.key, change.action, Outcome.FAILED, before, after, ended.error, ended.seconds)
