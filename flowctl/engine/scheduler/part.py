"""The scheduler as a part of the server, and where handlers find it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowctl.engine.api.context import Context
from flowctl.engine.api.runtime import executor_of

if TYPE_CHECKING:
    from flowctl.engine.scheduler.scheduler import Scheduler

PART = "scheduler"


class SchedulerPart:
    """Starts after the executor and stops before it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def start(self) -> None:
        """Make the scheduler and have it told of changed flows."""
        from flowctl.engine.scheduler.scheduler import Scheduler

        scheduler = await asyncio.to_thread(Scheduler, executor_of(self._context))
        await asyncio.to_thread(scheduler.start)
        self._context.parts[PART] = scheduler
        self._context.flow_listeners.append(scheduler.flow_changed)

    async def stop(self) -> None:
        """What is due from now on is done by the next process."""
        found = scheduler_of(self._context)
        if found is not None:
            await asyncio.to_thread(found.close)


def scheduler_of(context: Context) -> Scheduler | None:
    """The scheduler; None when it is not running."""
    from flowctl.engine.scheduler.scheduler import Scheduler

    found = context.parts.get(PART)
    return found if isinstance(found, Scheduler) else None
