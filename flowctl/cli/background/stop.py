"""End the workspace's background server: ask first, then insist."""

from __future__ import annotations

import os
import signal
from enum import StrEnum
from pathlib import Path

from flowctl.cli.background.locks import holder, wait_until_dead
from flowctl.cli.background.record import remove_record
from flowctl.cli.background.start import find_running

GRACE = 15.0
HARD = 5.0


class Ending(StrEnum):
    """How a server ended."""

    NOT_RUNNING = "not running"
    GRACEFUL = "stopped"
    KILLED = "killed"


def stop(state_dir: Path, grace: float = GRACE) -> Ending:
    """Stop the server: SIGTERM, and after `grace` seconds SIGKILL. Its data are safe either way.

    A server whose record was lost or damaged is found by the lock that it holds.
    """
    record = find_running(state_dir)
    pid = record.pid if record is not None else holder(state_dir)
    if pid is None:
        return Ending.NOT_RUNNING
    _signal(pid, signal.SIGTERM)
    ending = Ending.GRACEFUL
    if not wait_until_dead(state_dir, grace):
        _signal(pid, signal.SIGKILL)
        wait_until_dead(state_dir, HARD)
        ending = Ending.KILLED
    remove_record(state_dir, pid)
    return ending


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
