"""What is said while an apply runs: a live line on a terminal, one line per finished object otherwise, or JSON lines.

A reader that goes away does not stop an apply: what cannot be printed any more is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from flowctl.cli.console import Console
from flowctl.cli.terminal.streams import OutputLost
from flowctl.model.plan import Plan
from flowctl.model.progress import Progress, Step
from flowctl.model.report import ApplyReport

CLEAR_LINE = "\r\x1b[2K"


class Reporter(Protocol):
    """Says what happens."""

    def planned(self, plan: Plan) -> None:
        """Called with the plan, before anything is asked or written."""
        ...

    def event(self, progress: Progress) -> None:
        """Called for each event, one at a time."""
        ...

    def finished(self, plan: Plan, report: ApplyReport) -> None:
        """Called once, with the whole result."""
        ...


def reporter_for(console: Console, show: Callable[[Plan], None]) -> Reporter:
    """The reporter that suits the console; `show` prints a plan as text."""
    if console.json:
        return JsonLines(console)
    return TextLines(console, show, live=console.err.isatty() and console.environ.get("TERM") != "dumb")


class JsonLines:
    """One JSON object a line on standard output."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def planned(self, plan: Plan) -> None:
        """Version, changes, refusals and their sum."""
        from flowctl import __version__
        from flowctl.views.reports.events import plan_events

        self._print(plan_events(plan, __version__, datetime.now(UTC)))

    def event(self, progress: Progress) -> None:
        """One event."""
        from flowctl.views.reports.events import progress_event

        self._print([progress_event(progress, datetime.now(UTC))])

    def finished(self, plan: Plan, report: ApplyReport) -> None:
        """Problems and the sum."""
        from flowctl.views.reports.events import report_events

        self._print(report_events(report, datetime.now(UTC)))

    def _print(self, lines: list[str]) -> None:
        with suppress(BrokenPipeError, OutputLost):
            for line in lines:
                self._console.show(line)
            self._console.out.flush()


class TextLines:
    """Lines for people; with `live` the last one is a count that is written over."""

    def __init__(self, console: Console, show: Callable[[Plan], None], *, live: bool) -> None:
        self._console, self._show, self._live = console, show, live
        self._total = self._done = 0

    def planned(self, plan: Plan) -> None:
        """The plan as `flowctl plan` prints it."""
        self._total = len(plan.changes)
        self._show(plan)

    def event(self, progress: Progress) -> None:
        """A finished object, a wait for the lock, or a remark."""
        if progress.step is Step.FINISH:
            self._done += 1
        line = event_line(progress, colour=self._console.error_colour)
        with suppress(BrokenPipeError, OutputLost):
            self._say(line)

    def finished(self, plan: Plan, report: ApplyReport) -> None:
        """What was not applied, and the sum."""
        from flowctl.views.reports.text import report_text

        with suppress(BrokenPipeError, OutputLost):
            self._say(None, last=True)
            self._console.show(report_text(report, plan, colour=self._console.colour))
            self._console.out.flush()

    def _say(self, line: str | None, *, last: bool = False) -> None:
        clear = CLEAR_LINE if self._live else ""
        text = f"{clear}{line}\n" if line is not None else clear
        count = f"Applying ... {self._done} of {self._total}" if self._live and not last and self._total else ""
        if text or count:
            self._console.err.write(text + count)
            self._console.err.flush()


def event_line(progress: Progress, *, colour: bool) -> str | None:
    """One event as a line, or None for those that nobody waits for: what was not attempted stands in the report."""
    from flowctl.views.reports.text import STOPPED, finished_line, held_line, waiting_line

    if progress.step is Step.FINISH and progress.change is not None and progress.result is not None:
        if progress.result.error is not None and progress.result.error.code == STOPPED:
            return None
        return finished_line(progress.change, progress.result, colour=colour)
    if progress.step is Step.HELD and progress.change is not None:
        return held_line(progress.change, progress.why)
    if progress.step is Step.LOCK_WAIT and progress.lock is not None:
        return waiting_line(progress.lock.owner, progress.lock.host, len(progress.lock.intents))
    if progress.step is Step.NOTE and progress.diagnostic is not None:
        from flowctl.views.diagnostics import diagnostics_text

        return diagnostics_text([progress.diagnostic], colour=colour).rstrip("\n")
    return None
