"""The parts of a full server know each other before anything runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flowctl.engine.api.app import create_app
from flowctl.engine.components import components
from flowctl.engine.executor.executor import Executor
from flowctl.engine.settings import Settings
from flowctl.engine.store import Store


def test_the_scheduler_hears_of_every_execution_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An execution that ends before anybody listens would hold its schedule back for ever."""
    listening: list[int] = []
    begin = Executor.start

    def start(executor: Executor) -> None:
        listening.append(len(executor.moved))
        begin(executor)

    monkeypatch.setattr(Executor, "start", start)
    store = Store.open(tmp_path, environ={})
    context = create_app(store, Settings(tmp_path)).state.context

    async def live() -> None:
        parts = components(context)
        for part in parts:
            await part.start()
        for part in reversed(parts):
            await part.stop()

    asyncio.run(live())
    store.close()
    assert listening == [1]
    assert len(context.flow_listeners) == 2, "the scheduler, and executions that wait for room"
