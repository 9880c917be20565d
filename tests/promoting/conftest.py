"""One repository and one server per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promoting.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A repository with two environments; its server is ended afterwards."""
    created = Site.create(tmp_path / "project")
    yield created
    created.project.close()
