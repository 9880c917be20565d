from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.running import Engine, engine


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Engine]:
    """An executor of its own, in the lenient dialect."""
    with engine(tmp_path / "data") as found:
        yield found
