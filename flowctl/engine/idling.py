"""The HTTP server: uvicorn's, that sleeps while there is nothing to do."""

from __future__ import annotations

import asyncio
from types import FrameType

import uvicorn


class IdlingServer(uvicorn.Server):
    """Wakes when a signal asks it to stop. uvicorn itself looks for that, and at the date, ten times a second, which is
    most of what an idle server does; here the protocol dates answers (`protocol.BoundedProtocol`)."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Until it is to stop."""
        self._loop, self._asked = asyncio.get_running_loop(), asyncio.Event()
        while not await self.on_tick(0):
            await self._asked.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called in the main thread between two instructions: the loop may be asleep."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._asked.set)
