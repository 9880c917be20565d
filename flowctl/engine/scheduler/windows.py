"""The span of time within which the dependencies of a flow trigger have to be met: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from flowctl.language.cron.zones import zone
from flowctl.language.durations import read_duration
from flowctl.language.flags import is_on

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """One of: `lookback`, `every` with `offset`, a daily span from midnight to `deadline`, or from `begin` to `end`;
    the times of day are those of `zone`."""

    lookback: timedelta | None = None
    every: timedelta | None = None
    offset: timedelta = timedelta()
    deadline: time | None = None
    begin: time | None = None
    end: time | None = None
    fire_once: bool = False
    zone: tzinfo = UTC

    @property
    def bounded(self) -> bool:
        """Whether it ever closes."""
        return any(limit is not None for limit in (self.lookback, self.every, self.deadline, self.begin))

    def open(self, now: datetime) -> bool:
        """Whether anything can be met now: a daily span may be over."""
        begin, end = self._daily
        return begin is None or end is None or begin <= now.astimezone(self.zone).time() <= end

    @property
    def _daily(self) -> tuple[time | None, time | None]:
        return (self.begin, self.end) if self.deadline is None else (time.min, self.deadline)

    def holds(self, at: datetime, now: datetime) -> bool:
        """Whether what was met at `at` still counts at `now`."""
        at, now = at.astimezone(UTC), now.astimezone(UTC)
        if self.lookback is not None:
            return now - at <= self.lookback
        if self.every is not None:
            return self._bucket(at, self.every) == self._bucket(now, self.every)
        begin, end = self._daily
        if begin is None or end is None:
            return True
        at, now = at.astimezone(self.zone), now.astimezone(self.zone)
        return at.date() == now.date() and begin <= at.time() <= end

    def closes(self, now: datetime) -> datetime | None:
        """When the window that is open now, or opens next, closes; None for one that moves along or has no bounds. What
        happens at that very moment is in it, unless one window follows the other (`every`)."""
        now = now.astimezone(UTC)
        if self.every is not None:
            start = datetime(1970, 1, 1, tzinfo=UTC) + self.offset
            return start + (self._bucket(now, self.every) + 1) * self.every
        begin, end = self._daily
        if self.lookback is not None or end is None or (begin is not None and begin > end):
            return None
        here = now.astimezone(self.zone).date()
        today = datetime.combine(here, end, self.zone)
        return (today if today >= now else datetime.combine(here + DAY, end, self.zone)).astimezone(UTC)

    def _bucket(self, moment: datetime, every: timedelta) -> int:
        return int((moment - self.offset - datetime(1970, 1, 1, tzinfo=UTC)) // every)


def window_of(value: object) -> Window | None:
    """The `window` of a 2.0 trigger; None when there is none."""
    if not isinstance(value, dict) or not value:
        return None
    return Window(
        lookback=_duration(value, "lookback"),
        every=_duration(value, "every"),
        offset=_duration(value, "offset") or timedelta(),
        deadline=_time(value, "deadline"),
        begin=_time(value, "from"),
        end=_time(value, "to"),
        fire_once=is_on(value.get("fireOnce")),
        zone=zone(str(value["timezone"])) if value.get("timezone") else UTC,
    )


def time_window_of(value: object) -> Window:
    """The `timeWindow` of earlier versions; by default one day."""
    rules = value if isinstance(value, dict) else {}
    kind = str(rules.get("type", "DURATION_WINDOW"))
    if kind == "DAILY_TIME_DEADLINE":
        return Window(deadline=_time(rules, "deadline"))
    if kind == "DAILY_TIME_WINDOW":
        return Window(begin=_time(rules, "startTime"), end=_time(rules, "endTime"))
    length = _duration(rules, "window") or DAY
    if kind == "SLIDING_WINDOW":
        return Window(lookback=length)
    return Window(every=length, offset=_duration(rules, "windowAdvance") or timedelta())


def _duration(value: Mapping[str, object], name: str) -> timedelta | None:
    text = value.get(name)
    return None if text is None else read_duration(str(text))


def _time(value: Mapping[str, object], name: str) -> time | None:
    text = value.get(name)
    if text is None:
        return None
    found = time.fromisoformat(str(text))
    if found.tzinfo is None:
        return found
    return datetime.combine(datetime(2000, 1, 1), found).astimezone(UTC).time()
