from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.applying.place import Place
from tests.remote.loopback import Running, running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for a module."""
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def live_server(tmp_path: Path) -> Iterator[Running]:
    """A server of its own."""
    with running(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Dialect], Running]]:
    """One server of each dialect, begun when it is asked for; revisions go on from test to test."""
    with ExitStack() as stack:

        @cache
        def server(dialect: Dialect) -> Running:
            return stack.enter_context(running(tmp_path_factory.mktemp("server"), dialect, works=True))

        yield server


@pytest.fixture(params=[("2.0", False), ("2.0", True), ("1.3", True)], ids=["own", "plain", "plain-1.3"])
def place(request: pytest.FixtureRequest, working: Callable[[Dialect], Running]) -> Iterator[Place]:
    dialect, plain = request.param
    found = Place(working(dialect), plain)
    yield found
    found.wire.faults = []
    for row in found.ask("GET", "/executions/search?size=100").json()["results"]:
        found.ask("DELETE", f"/executions/{row['id']}")
    found.world.flows, found.world.calls = {}, {}
    assert found.apply(quiet_window=None).ok
    found.server.close()
