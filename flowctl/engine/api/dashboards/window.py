"""The time that a chart shows, and the steps in which it counts."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.listing.conditions import milliseconds
from flowctl.engine.executor.records.durations import iso, micros

MINUTE = 60_000_000
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
_MONDAY = 4 * DAY  # 1970-01-05
DEFAULT, LONGEST = "P30D", "P366D"


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to `end`, in microseconds since 1970."""

    start: int
    end: int

    def step(self, column: str) -> str:
        """SQL for the start of the minute, hour, day, week or month (UTC) in which a column's time lies, by the
        window's length: to 6 hours, 2 days, 180 days, a year, or longer."""
        length = self.end - self.start
        for most, size in ((6 * HOUR, MINUTE), (2 * DAY, HOUR), (180 * DAY, DAY)):
            if length <= most:
                return f"({column} / {size} * {size})"
        if length <= 366 * DAY:
            return f"(({column} - {_MONDAY}) / {7 * DAY} * {7 * DAY} + {_MONDAY})"
        return f"(CAST(strftime('%s', {column} / 1000000, 'unixepoch', 'start of month') AS INTEGER) * 1000000)"


def window_of(start: object, end: object, limits: object, now: int) -> Window:
    """The window that a request asks for, else the dashboard's default one, up to now (microseconds).

    Raises:
        Problem: 422, no dates, an end before the start, or longer than the dashboard's `timeWindow.max`.
    """
    rules = limits if isinstance(limits, dict) else {}
    until = milliseconds(str(end)) * 1000 if end else now
    since = milliseconds(str(start)) * 1000 if start else until - micros(str(rules.get("default", DEFAULT)))
    if since > until:
        raise illegal_argument(f"the window ends ({end}) before it starts ({start})")
    longest = micros(str(rules.get("max", LONGEST)))
    if until - since > longest:
        raise illegal_argument(f"the window is longer than timeWindow.max, {iso(longest)}; ask for less")
    return Window(since, until)
