"""Holding back flows that are about to fire or run (`--quiet-window`) and those that are to be drained (`--drain`).

Everything else is written at once; what is held is looked at again and again, and written as soon as it is quiet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from flowctl.applying.holds import problems as hold_problems
from flowctl.applying.holds.draining import Drain
from flowctl.applying.holds.stopping import Stop
from flowctl.applying.rounds import Rounds
from flowctl.applying.session import Session
from flowctl.errors import ServerError
from flowctl.model.activity import Activity
from flowctl.model.holding import held_together
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.plan import Action, Change
from flowctl.model.progress import Progress, Step

SLICE = 100
"""So many changes are written before it is asked again what is quiet."""
FIRST_PAUSE, LONGEST_PAUSE, SLOWER = 1.0, 15.0, 1.5
COUNTDOWN = re.compile(r" in \d+ [sm]\b")
UNKNOWN = "the server does not say what runs"
Held = Mapping[ObjectKey, str]


class Holding:
    """Decides which changes may be written now."""

    def __init__(self, session: Session, drain: Drain, stop: Stop, disabled: Collection[FlowKey] = ()) -> None:
        self._session, self._drain, self._stop = session, drain, stop
        self._window, self._disabled = session.quiet_window, disabled
        self._said: dict[ObjectKey, str] = {}
        self._away: str | None = None

    def run(self, changes: Sequence[Change], rounds: Rounds, ledger_only: Callable[[Change], None]) -> bool:
        """Write what is quiet, and wait for the rest. Whether nothing was still held at the end."""
        left, since, pause = list(changes), None, FIRST_PAUSE
        at_once = SLICE if any(map(self._may_wait, left)) else len(left)
        while left:
            held = self._look(left)
            self._say(left, held)
            ready = [change for change in left if change.key not in held or rounds.obstacle(change)][:at_once]
            if ready:
                rounds.run([self._stop.as_it_stands(change) for change in ready], ledger_only)
                done = {change.key for change in ready}
                left = [change for change in left if change.key not in done]
                pause = FIRST_PAUSE
                continue
            since = since or self._session.clock()
            if not self._time_left(since):
                self._give_up(left, held)
                return False
            self._session.pause(min(pause, self._time_left(since)))
            rounds.look_after_lock()
            pause = min(pause * SLOWER, LONGEST_PAUSE)
        return True

    def _look(self, changes: Sequence[Change]) -> Held:
        """Why changes have to wait now. When the server does not say what goes on, all wait that may have to."""
        asked = [change for change in changes if self._may_wait(change)]
        if not asked:
            return {}
        flows = [change.key for change in asked if isinstance(change.key, FlowKey)]
        try:
            activity = self._session.server.read_activity(flows)
            busy = {change.key: why for change in asked if (why := self._busy(change, activity))}
            held = held_together(changes, busy)
            self._shut(changes, held, activity)
        except ServerError as error:
            self._server_away(error)
            held = held_together(changes, dict.fromkeys((change.key for change in asked), UNKNOWN))
        return held

    def _shut(self, changes: Sequence[Change], held: Held, activity: Activity) -> None:
        """Let nothing more start what is to be drained, whether it runs itself or waits with another flow."""
        for change in changes:
            if change.drain and change.key in held and isinstance(change.key, FlowKey):
                self._drain.shut(change.key, activity.triggers_of(change.key))
                self._stop.stop(change, changes)

    def _may_wait(self, change: Change) -> bool:
        old = change.action in (Action.UPDATE, Action.DELETE)
        return isinstance(change.key, FlowKey) and old and (change.drain or self._window is not None)

    def _busy(self, change: Change, activity: Activity) -> str:
        """Neither a flow that is drained waits for its fires, for they are prevented, nor one that is disabled."""
        assert isinstance(change.key, FlowKey)
        if not change.drain:
            assert self._window is not None
            if change.key in self._disabled:
                return activity.running(change.key)
            return activity.busy(change.key, self._session.clock(), self._window)
        return activity.running(change.key)

    def _server_away(self, error: ServerError) -> None:
        """A server that is being restarted is waited for; each kind of failure is said once."""
        code = error.diagnostics[0].code
        if self._away != code:
            self._away = code
            self._session.note(hold_problems.cannot_look(error.diagnostics))

    def _say(self, left: Sequence[Change], held: Held) -> None:
        for change in left:
            why = COUNTDOWN.sub("", held.get(change.key, ""))
            if why and self._said.get(change.key) != why:
                self._said[change.key] = why
                self._session.say(Progress(Step.HELD, change=change, why=held[change.key]))

    def _time_left(self, since: datetime) -> float:
        waited = (self._session.clock() - since).total_seconds()
        return max(0.0, self._session.options.quiet_timeout - waited)

    def _give_up(self, left: Sequence[Change], held: Held) -> None:
        waited = timedelta(seconds=self._session.options.quiet_timeout)
        for change in left:
            self._session.hold(change, hold_problems.still_held(change, held[change.key], waited))
