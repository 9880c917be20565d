"""Moving an environment to another server, so that no trigger fires on both and a kill anywhere can be repeated.

The old server is locked for good with a mark that says where the environment went and which triggers were switched off
for it. They are switched off before the new server has the flows, and switched on again where a flow did not arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from flowctl.applying import refusals
from flowctl.applying.options import ApplyOptions
from flowctl.applying.waiting import held
from flowctl.errors import ApplyError, FlowctlError
from flowctl.model.keys import FlowKey, TriggerKey
from flowctl.model.ledger import Lock
from flowctl.model.live import LiveTrigger
from flowctl.model.moving import MOVED, MOVING, Missed, Move, MoveReport, mark_of
from flowctl.model.plan import Action
from flowctl.model.report import ApplyReport, Outcome
from flowctl.remote.port import Server

FOR_GOOD = timedelta(days=3650)
QUIET, LONGEST = timedelta(seconds=5), 30
Clock = Callable[[], datetime]


class HandOver:
    """One move. `apply` writes the target's plan; it is called when no trigger of the source fires any more."""

    def __init__(
        self,
        move: Move,
        source: Server,
        target: Server,
        options: ApplyOptions,
        clock: Clock,
        pause: Callable[[float], None],
    ) -> None:
        self._move, self._source, self._target = move, source, target
        self._options, self._clock, self._pause = options.identified(), clock, pause
        self._lock = self._take()

    def run(self, apply: Callable[[], ApplyReport | None]) -> MoveReport:
        """Do it. Before anything has arrived, a failure leaves the source as it was.

        Raises:
            ApplyError: the target's plan could not be begun; the source fires again.
            ServerError: the same, because of a server.
        """
        try:
            self._hand_history()
            values, files = self._copy_values(), self._copy_files()
            self._wait_for_quiet()
            since = self._switch_off()
            report = apply()
        except FlowctlError:
            self._give_back()
            raise
        arrived = self._arrived(report)
        self._settle_triggers(arrived)
        reopened = self._reopen([one for one in self._lock.paused if one[0] not in arrived])
        missed = tuple(self._missed(since, arrived))
        if not reopened and (report is None or report.ok):
            self._mark(self._lock.paused, MOVED)
        return MoveReport(self._lock, report, values, files, self._lock.paused, reopened, missed)

    def _take(self) -> Lock:
        """Lock the source for good, going on where a move to the same target was cut short.

        Raises:
            ApplyError: A103, somebody applies there.
        """
        move, now = self._move, self._clock()
        before = self._source.read_lock(move.namespace)
        ours = mark_of(before) == move.target
        if before is not None and not ours and held(before, now):
            raise ApplyError(refusals.locked(before, now, move.source, 0))
        owner, mark = self._options.owner, MOVING + move.target
        lock = Lock(str(uuid4()), owner, self._options.host, now, now + FOR_GOOD, mark)
        if before is not None and ours:
            lock = replace(lock, intents=before.intents, paused=before.paused)
        if not self._source.swap_lock(move.namespace, lock):
            found = self._source.read_lock(move.namespace) or lock
            raise ApplyError(refusals.locked(found, now, move.source, 0))
        return lock

    def _mark(self, paused: tuple[TriggerKey, ...], kind: str = MOVING) -> None:
        self._lock = replace(self._lock, paused=paused, plan_id=kind + self._move.target)
        self._source.write_lock(self._move.namespace, self._lock)

    def _hand_history(self) -> None:
        """The ledger comes last: a target without one is given everything again."""
        move = self._move
        for entry in sorted(move.history, key=lambda one: one.serial):
            self._target.write_history(move.namespace, entry)
        if move.ledger is not None:
            self._target.write_ledger(move.namespace, move.ledger)
        lock = self._target.read_lock(move.namespace)
        if lock is not None and mark_of(lock) == move.source:
            self._target.write_lock(move.namespace, replace(lock, released=True, paused=()))

    def _copy_values(self) -> int:
        count, said = 0, self._source.read_descriptions(sorted({key.namespace for key in self._move.values}))
        for key in self._move.values:
            found = self._source.read_value(key)
            if found is not None:
                left = self._time_left(self._move.expiries.get(key))
                self._target.put_value(key, *found, ttl=left, description=said.get(key))
                count += 1
        return count

    def _time_left(self, until: datetime | None) -> str | None:
        """As an ISO duration, at least a second."""
        return None if until is None else f"PT{max(1, int((until - self._clock()).total_seconds()))}S"

    def _copy_files(self) -> int:
        count = 0
        for key in self._move.files:
            data = self._source.read_file(key)
            if data is not None:
                self._target.put_file(key, data)
                count += 1
        return count

    def _wait_for_quiet(self) -> None:
        """Begin at a moment when nothing fires for some seconds; what always fires is not waited for any longer."""
        for _ in range(LONGEST):
            now = self._clock()
            dates = [one.next_date for one in self._move.fire if not one.polls and one.next_date is not None]
            if not any(now <= date <= now + QUIET for date in dates):
                return
            self._pause(1.0)

    def _switch_off(self) -> datetime:
        """Let nothing start on the source any more. Returns since when."""
        new = [_key(one) for one in self._move.fire if _key(one) not in self._lock.paused]
        self._mark((*self._lock.paused, *new))
        since = self._clock()
        for flow, trigger_id in self._lock.paused:
            self._source.switch_trigger(flow, trigger_id, off=True)
        return since

    def _arrived(self, report: ApplyReport | None) -> frozenset[FlowKey]:
        """The flows with triggers that the target has now, if only an older text of them."""
        written = {one.key for one in report.results if one.outcome is Outcome.APPLIED} if report else set()
        absent = {one.key for one in self._move.plan.changes if one.action is Action.CREATE} - written
        return frozenset(flow for flow, _ in self._lock.paused if flow not in absent)

    def _settle_triggers(self, arrived: frozenset[FlowKey]) -> None:
        """What fired there fires here, and what was off there is off here, whatever an earlier move left."""
        for one in self._move.rest:
            self._target.switch_trigger(one.flow, one.trigger_id, off=True)
        for one in self._target.read_activity(sorted(arrived)).triggers:
            if one.disabled and _key(one) in self._lock.paused:
                self._target.switch_trigger(one.flow, one.trigger_id, off=False)

    def _reopen(self, triggers: list[TriggerKey]) -> tuple[TriggerKey, ...]:
        for flow, trigger_id in triggers:
            self._source.switch_trigger(flow, trigger_id, off=False, recover=True)
        if triggers:
            self._mark(tuple(one for one in self._lock.paused if one not in triggers))
        return tuple(triggers)

    def _give_back(self) -> None:
        """Nothing was written: what the target does not have fires on the source again."""
        arrived = self._arrived(None)
        self._reopen([one for one in self._lock.paused if one[0] not in arrived])
        if not self._lock.paused:
            self._source.write_lock(self._move.namespace, replace(self._lock, released=True, intents=()))

    def _missed(self, since: datetime, arrived: frozenset[FlowKey]) -> Iterator[Missed]:
        """Dates that came between the two servers."""
        now = self._clock()
        for one in self._move.fire:
            due = one.next_date
            if one.flow in arrived and not one.polls and due is not None and since <= due <= now:
                yield Missed(one.flow, one.trigger_id, due)


def _key(trigger: LiveTrigger) -> TriggerKey:
    return trigger.flow, trigger.trigger_id
