"""Servers of both generations with their executors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.api.executions.calling import Api, api_of


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path / "data", "2.0")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path / "old", "1.3")
