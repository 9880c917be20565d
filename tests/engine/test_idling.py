"""The server sleeps while nothing is to be done, and wakes when it is to stop."""

from __future__ import annotations

import asyncio
import signal

import pytest
import uvicorn

from flowctl.engine.idling import IdlingServer
from flowctl.engine.protocol import dated

DEADLINE = 60.0


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application that nobody asks."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_wakes_a_server_that_sleeps(number: signal.Signals) -> None:
    server = IdlingServer(uvicorn.Config(nothing, log_config=None))

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, server.handle_exit, number, None)
        await asyncio.wait_for(server.main_loop(), DEADLINE)

    asyncio.run(scene())
    assert server.should_exit


def test_answers_have_the_date_of_their_second() -> None:
    assert dated(0) == [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    assert dated(1_700_000_000) == [(b"date", b"Tue, 14 Nov 2023 22:13:20 GMT")]
