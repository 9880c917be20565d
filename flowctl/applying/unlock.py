"""Taking a lock away from an apply that is known to be dead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from flowctl.applying import refusals
from flowctl.applying.holds.draining import reopen_left
from flowctl.errors import ApplyError
from flowctl.model.environment import Environment
from flowctl.model.ledger import Unlocked
from flowctl.model.moving import mark_of
from flowctl.remote.port import Server


def unlock(server: Server, environment: Environment, lock_id: str, clock: Callable[[], datetime]) -> Unlocked:
    """End a lock at once. Its intents stay, so that what the dead apply wrote is still known as ours.

    An apply that is alive after all notices before its next write and stops. What it, or a move, switched off here for
    a while is on again, and what it left on is disabled. Returns the lock as it was, and what was put back.

    Raises:
        ApplyError: A106, there is no lock, or it has another id.
    """
    lock = server.read_lock(environment.namespace)
    if lock is None or lock.released or lock.id != lock_id:
        raise ApplyError(refusals.no_such_lock(lock_id, lock, environment.name))
    done = reopen_left(server, lock)
    lock = replace(lock, paused=(), stopped=(), stay_off=(), released=mark_of(lock) is not None)
    server.write_lock(environment.namespace, replace(lock, expires_at=min(lock.expires_at, clock()), id=str(uuid4())))
    return done
