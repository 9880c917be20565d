"""Waiting for somebody else's lock."""

from __future__ import annotations

from datetime import datetime

from flowctl.applying import refusals
from flowctl.applying.process import is_gone
from flowctl.applying.session import Session
from flowctl.errors import ApplyError, Interrupted
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.ledger import Lock
from flowctl.model.progress import Progress, Step

STEP = 1.0


def held(lock: Lock | None, now: datetime) -> bool:
    """Whether somebody holds a lock: not given back, not expired, and not of a process that is known to be gone."""
    return lock is not None and not lock.released and lock.expires_at > now and not is_gone(lock.process)


def left_open(lock: Lock | None, now: datetime) -> bool:
    """Whether an apply that was cut short left triggers or flows on or off that are to be put right."""
    return lock is not None and lock.unfinished and not held(lock, now)


class Patience:
    """Counts how long an apply has been waiting."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._since = session.clock()
        self._said = False

    def wait(self, lock: Lock) -> None:
        """Let some time pass.

        Raises:
            ApplyError: A103, the patience is at its end.
            Interrupted: the user stopped waiting.
        """
        session = self._session
        now = session.clock()
        waited = (now - self._since).total_seconds()
        left = session.options.lock_timeout - waited
        if left <= 0:
            raise ApplyError(refusals.locked(lock, now, session.options.environment.name, waited))
        if not self._said:
            self._said = True
            session.say(Progress(Step.LOCK_WAIT, lock=lock))
        session.pause(min(STEP, left))
        if session.stop.is_set():
            raise Interrupted(Diagnostic("A115", "error", "stopped while waiting for the lock; nothing was written"))
