"""What goes on around flows: executions that are not at their end, and when triggers fire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveTrigger

QUEUED = frozenset(("QUEUED", "CREATED"))
"""States of executions that have not begun."""
OVERDUE = timedelta(minutes=1)
"""A date that passed longer ago comes no more: the flow is disabled, or the server schedules nothing."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Around some flows: how many executions are not at their end, by flow and state, and their triggers."""

    executions: Mapping[FlowKey, Mapping[str, int]] = field(default_factory=dict)
    triggers: tuple[LiveTrigger, ...] = ()

    def counted(self, flow: FlowKey) -> tuple[int, int]:
        """How many executions of a flow run (paused ones too), and how many wait to begin."""
        states = self.executions.get(flow, {})
        queued = sum(number for state, number in states.items() if state in QUEUED)
        return sum(states.values()) - queued, queued

    def triggers_of(self, flow: FlowKey) -> tuple[LiveTrigger, ...]:
        """The triggers of a flow that the server evaluates by time."""
        return tuple(trigger for trigger in self.triggers if trigger.flow == flow)

    def running(self, flow: FlowKey) -> str:
        """What runs or waits of a flow, such as `2 running, 1 queued`; empty when nothing does."""
        running, queued = self.counted(flow)
        parts = [f"{number} {word}" for number, word in ((running, "running"), (queued, "queued")) if number]
        return ", ".join(parts)

    def busy(self, flow: FlowKey, now: datetime, window: timedelta) -> str:
        """Why a flow is not quiet for `window` from now on, such as `fires in 3 m`; empty when it is."""
        return ", ".join((*self._firing(flow, now, window), *filter(None, (self.running(flow),))))

    def _firing(self, flow: FlowKey, now: datetime, window: timedelta) -> Iterator[str]:
        """A polling trigger is not about to fire: what it finds is running a moment later. The dates of a backfill are
        long past; a backfill that is paused has none."""
        for trigger in self.triggers_of(flow):
            due = trigger.next_date
            if trigger.disabled or trigger.polls or due is None or due > now + window:
                continue
            if trigger.backfill or due >= now - OVERDUE:
                yield f"{trigger.trigger_id} {'backfills' if trigger.backfill else 'fires'} {_until(due, now)}"


def _until(due: datetime, now: datetime) -> str:
    seconds = round((due - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < 100 else f"in {round(seconds / 60)} m"
