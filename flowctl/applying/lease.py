"""The lock of an environment while this process holds it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from flowctl.applying import refusals
from flowctl.applying.session import Session
from flowctl.applying.waiting import Patience, held
from flowctl.errors import ApplyError, ServerError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import TriggerKey
from flowctl.model.ledger import Intent, Lock, Stopped
from flowctl.model.progress import Progress, Step


def new_lock(session: Session) -> Lock:
    """A lock of this process, good from now on."""
    options, now = session.options, session.clock()
    return Lock(
        id=str(uuid4()),
        owner=options.owner,
        host=options.host,
        taken_at=now,
        expires_at=now + timedelta(seconds=options.lock_seconds),
        plan_id=session.plan.id,
        process=options.process,
    )


class Lease:
    """A lock that was taken. `previous` is what stood there before, with the intents of an apply that was cut short.

    Taking it is atomic on a server with batch. Elsewhere it is written and, after a pause, read back: of two that
    write at the same moment the later one keeps it, and both see the same.
    """

    def __init__(self, session: Session, lock: Lock, previous: Lock | None) -> None:
        self._session, self.lock, self.previous = session, lock, previous
        self.lost: Diagnostic | None = None
        self._looks, self._looking = 0, threading.Lock()

    @classmethod
    def take(cls, session: Session) -> Lease:
        """Take the lock, waiting as long as the options allow.

        Raises:
            ApplyError: A103, somebody else holds it.
            ServerError: the server cannot be asked.
        """
        patience = Patience(session)
        while True:
            previous = session.server.read_lock(session.namespace)
            if previous is not None and held(previous, session.clock()):
                patience.wait(previous)
                continue
            lock = _continued(new_lock(session), previous)
            if session.server.swap_lock(session.namespace, lock) and cls._confirmed(session, lock):
                session.say(Progress(Step.LOCKED, lock=lock))
                return cls(session, lock, previous)

    @staticmethod
    def _confirmed(session: Session, lock: Lock) -> bool:
        if session.server.identity.capabilities.batch:
            return True
        session.pause(session.options.settle)
        found = session.server.read_lock(session.namespace)
        return found is not None and found.id == lock.id

    def announce(self, intents: tuple[Intent, ...], stay_off: tuple[TriggerKey, ...]) -> None:
        """Record what is about to be written, and which triggers are to be disabled afterwards as they were before.

        Raises:
            ApplyError: A113, somebody took the lock away.
            ServerError: it could not be recorded, so nothing may be written.
        """
        if not self._swap(replace(self._renewed(), intents=intents, stay_off=stay_off)):
            assert self.lost is not None
            raise ApplyError(self.lost)

    def pause_triggers(self, paused: tuple[TriggerKey, ...]) -> bool:
        """Record which triggers are switched off for a while; False when somebody took the lock away.

        Raises:
            ServerError: it could not be recorded.
        """
        return self._swap(replace(self._renewed(), paused=paused))

    def stop_flow(self, new: Stopped) -> bool:
        """Record that a flow is disabled for a while; False when somebody took the lock away.

        Raises:
            ServerError: it could not be recorded.
        """
        lock = self._renewed()
        return self._swap(replace(lock, stopped=(*lock.stopped, new), intents=(*lock.intents, *new.intents)))

    def still_ours(self) -> bool:
        """Whether nobody took the lock away, as the server says now. Threads that ask at the same time share a look;
        one that began before the question is no answer to it.

        Raises:
            ServerError: the server cannot be asked.
        """
        before = self._looks
        with self._looking:
            if self.lost is None and self._looks == before:
                self._looks += 1
                self._compare(self._session.server.read_lock(self._session.namespace))
            return self.lost is None

    def _compare(self, holder: Lock | None) -> None:
        if holder is None or holder.id != self.lock.id:
            self.lost = refusals.lock_lost(self.lock, holder)

    def renew_if_due(self, now: datetime) -> bool:
        """Renew the lock when a third of its time is over; False when somebody took it away."""
        if self.lost is not None:
            return False
        left = (self.lock.expires_at - now).total_seconds()
        return left > self._session.options.lock_seconds * 2 / 3 or self._write(self._renewed())

    def release(self) -> None:
        """Give the lock back; what was intended is in the ledger by now, and every trigger is as it was."""
        self._write(replace(self.lock, released=True, intents=(), paused=(), stopped=(), stay_off=()))
        self._session.say(Progress(Step.UNLOCKED, lock=self.lock))

    def abandon(
        self,
        intents: tuple[Intent, ...] | None = None,
        paused: tuple[TriggerKey, ...] | None = None,
        stopped: tuple[Stopped, ...] | None = None,
        stay_off: tuple[TriggerKey, ...] | None = None,
    ) -> None:
        """Let the lock expire at once, but leave the intents (what they name and is there is ours), what is still
        switched off, triggers and flows, and the triggers that may be on."""
        lock = self.lock
        left = replace(
            lock,
            expires_at=self._session.clock(),
            intents=lock.intents if intents is None else intents,
            paused=lock.paused if paused is None else paused,
            stopped=lock.stopped if stopped is None else stopped,
            stay_off=lock.stay_off if stay_off is None else stay_off,
        )
        self._write(left)

    def _renewed(self) -> Lock:
        until = self._session.clock() + timedelta(seconds=self._session.options.lock_seconds)
        return replace(self.lock, expires_at=until)

    def _write(self, lock: Lock) -> bool:
        """Write unless it is somebody else's. A failing server does not lose the lock: it expires later."""
        try:
            return self._swap(lock)
        except ServerError:
            return True

    def _swap(self, lock: Lock) -> bool:
        """Write the lock if it is still ours. When the answer of an earlier write was lost, it is ours all the same."""
        server, namespace = self._session.server, self._session.namespace
        with self._looking:
            if self.lost is None and not server.swap_lock(namespace, lock):
                self._compare(server.read_lock(namespace))
                if self.lost is not None or not server.swap_lock(namespace, lock):
                    return self.lost is None
            self.lock = lock if self.lost is None else self.lock
            return self.lost is None


def _continued(lock: Lock, previous: Lock | None) -> Lock:
    """A new lock with what an apply that was cut short left beside the one before."""
    if previous is None or previous.released:
        return lock
    kept, off = previous.intents, previous.stay_off
    return replace(lock, intents=kept, paused=previous.paused, stopped=previous.stopped, stay_off=off)
