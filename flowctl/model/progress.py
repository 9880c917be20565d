"""What happens during an apply, as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.ledger import Lock
from flowctl.model.plan import Change
from flowctl.model.report import Result


class Step(StrEnum):
    """Kinds of event. LOCK_WAIT carries `lock`, START `change`, FINISH `change` and `result`, NOTE `diagnostic`, HELD
    `change` and `why`; it comes again when there is another reason."""

    LOCK_WAIT = "lock_wait"
    LOCKED = "locked"
    HELD = "held"
    START = "start"
    FINISH = "finish"
    ROLLBACK = "rollback"
    NOTE = "note"
    UNLOCKED = "unlocked"


@dataclass(frozen=True, slots=True)
class Progress:
    """One event; events of one apply are reported one at a time, in the order in which they happened."""

    step: Step
    change: Change | None = None
    result: Result | None = None
    lock: Lock | None = None
    diagnostic: Diagnostic | None = None
    why: str = ""
