"""States of executions, task runs and attempts."""

from __future__ import annotations

CREATED = "CREATED"
QUEUED = "QUEUED"
SUBMITTED = "SUBMITTED"
RUNNING = "RUNNING"
PAUSED = "PAUSED"
RESTARTED = "RESTARTED"
RETRYING = "RETRYING"
KILLING = "KILLING"
BREAKPOINT = "BREAKPOINT"
SUCCESS = "SUCCESS"
WARNING = "WARNING"
FAILED = "FAILED"
KILLED = "KILLED"
CANCELLED = "CANCELLED"
SKIPPED = "SKIPPED"
RETRIED = "RETRIED"

TERMINAL = frozenset({SUCCESS, WARNING, FAILED, KILLED, CANCELLED, SKIPPED, RETRIED})
"""States in which nothing happens any more by itself."""

WAITING_TO_START = frozenset({CREATED, RESTARTED})
"""States of a task run that the executor has to start."""

ALL = TERMINAL | {CREATED, QUEUED, SUBMITTED, RUNNING, PAUSED, RESTARTED, RETRYING, KILLING, BREAKPOINT}


def tolerate(state: str, allow_failure: bool, allow_warning: bool) -> str:
    """The state after `allowFailure` (FAILED becomes WARNING) and `allowWarning` (WARNING becomes SUCCESS)."""
    if state == FAILED and allow_failure:
        state = WARNING
    if state == WARNING and allow_warning:
        state = SUCCESS
    return state
