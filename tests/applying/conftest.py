from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
