from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Running]]:
    """One server; each test has a flow of its own."""
    with running(tmp_path_factory.mktemp("server"), works=True) as found:
        yield lambda: found


@pytest.fixture(params=[False, True], ids=["own", "plain"])
def place(request: pytest.FixtureRequest, working: Callable[[], Running]) -> Iterator[Place]:
    found = Place(working(), request.param)
    yield found
    found.wire.faults = []
    for row in found.ask("GET", "/executions/search?size=100").json()["results"]:
        found.ask("DELETE", f"/executions/{row['id']}")
    found.world.flows, found.world.calls = {}, {}
    assert found.apply(quiet_window=None).ok
    found.server.close()
