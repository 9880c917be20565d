"""One apply: what its steps share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flowctl.applying.options import ApplyOptions
from flowctl.applying.secrets import Wanted
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.plan import Change, Plan
from flowctl.model.progress import Progress, Step
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.remote.port import Server

Events = Callable[[Progress], None]


@dataclass(slots=True)
class Session:
    """What was planned, where it goes, and how it ends object by object. Only the main thread changes it."""

    plan: Plan
    server: Server
    options: ApplyOptions
    values: Mapping[ObjectKey, Wanted]
    clock: Callable[[], datetime]
    stop: threading.Event
    pause: Callable[[float], None]
    events: Events
    results: dict[ObjectKey, Result] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        """The environment's root namespace, where ledger and lock are."""
        return self.plan.namespace

    @property
    def quiet_window(self) -> timedelta | None:
        """For how long a flow has to be quiet before it is written; None when nothing waits for that."""
        seconds = self.options.quiet_window
        return None if seconds is None else timedelta(seconds=seconds)

    def say(self, progress: Progress) -> None:
        """Report an event."""
        self.events(progress)

    def finish(self, change: Change, result: Result) -> None:
        """A change has come to its end."""
        self.results[change.key] = result
        self.say(Progress(Step.FINISH, change=change, result=result))

    def note(self, diagnostic: Diagnostic) -> None:
        """Something that the report has to say, though no change failed of it."""
        self.say(Progress(Step.NOTE, diagnostic=diagnostic))

    def skip(self, change: Change, why: Diagnostic) -> None:
        """A change that will not be attempted."""
        self.finish(change, Result(change.key, change.action, Outcome.NOT_ATTEMPTED, _revision(change), error=why))

    def hold(self, change: Change, why: Diagnostic) -> None:
        """A change whose flow did not get quiet in time."""
        self.finish(change, Result(change.key, change.action, Outcome.HELD, _revision(change), error=why))

    def report(self, serial: int, *, interrupted: bool = False) -> ApplyReport:
        """How it ended; what has no end by now was not attempted."""
        results = tuple(
            self.results.get(change.key) or Result(change.key, change.action, Outcome.NOT_ATTEMPTED, _revision(change))
            for change in self.plan.changes
        )
        return ApplyReport(self.plan.id, results, serial, interrupted, tuple(self.problems))


def _revision(change: Change) -> int | None:
    return change.before.revision if change.before is not None else None


def applied(change: Change, revision: int | None, seconds: float = 0.0) -> Result:
    """The end of a change that is on the server."""
    return Result(change.key, change.action, Outcome.APPLIED, _revision(change), revision, seconds=seconds)


def failed(change: Change, error: Diagnostic, seconds: float = 0.0) -> Result:
    """The end of a change that is not."""
    return Result(change.key, change.action, Outcome.FAILED, _revision(change), None, error, seconds)
