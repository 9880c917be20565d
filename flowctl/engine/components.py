"""What runs beside the API in the server's process: started when the port is open, stopped before the store closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flowctl.engine.api.context import Context
from flowctl.engine.api.runtime import ExecutorPart
from flowctl.engine.retention import RetentionPart
from flowctl.engine.scheduler.part import SchedulerPart


class Component(Protocol):
    """A part with its own threads or timers. Both methods return quickly and are called on the event loop."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def components(context: Context) -> Sequence[Component]:
    """The parts of a full server, in the order in which they start; they stop in the reverse order."""
    scheduler = SchedulerPart(context)
    return (ExecutorPart(context, scheduler.attach), scheduler, RetentionPart(context))
