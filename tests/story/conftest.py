"""One workspace per test, its server ended afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A new directory; what is started in it is ended."""
    created = Project.create(tmp_path / "project")
    yield created
    if (created.root / "environments").is_dir():
        created.close()
