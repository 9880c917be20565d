from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.api.server import Server, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A 2.0 server of its own."""
    with running(tmp_path / "data") as found:
        yield found
