"""The scheduler as a part of the server, and where handlers find it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowctl.engine.api.context import Context

if TYPE_CHECKING:
    from flowctl.engine.executor.executor import Executor
    from flowctl.engine.scheduler.scheduler import Scheduler

PART = "scheduler"


class SchedulerPart:
    """Listens before the executor starts, starts after it and stops before it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def attach(self, executor: Executor) -> None:
        """Make the scheduler and have it told of changed flows and, from the first one on, of ended executions."""
        from flowctl.engine.scheduler.scheduler import Scheduler

        scheduler = Scheduler(executor)
        self._context.flow_listeners.append(scheduler.flow_changed)
        scheduler.attach()
        self._context.parts[PART] = scheduler

    async def start(self) -> None:
        """Begin."""
        found = scheduler_of(self._context)
        if found is not None:
            await asyncio.to_thread(found.start)

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
