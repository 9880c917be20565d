"""Pages that a reader can type into an empty directory, typed as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples import Command, File, agrees, steps, type_in, write

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("promotion.md", "moving-servers.md", "three-environments.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_true(page: str, tmp_path: Path) -> None:
    try:
        for step in steps((DOCS / page).read_text(encoding="utf-8")):
            if isinstance(step, File):
                write(step, tmp_path)
            else:
                done = type_in(step, tmp_path)
                assert done.returncode == 0, f"$ {step.line}\n{done.stdout}"
                assert agrees(step.output, done.stdout), f"$ {step.line}\n{done.stdout}"
    finally:
        for directory in (tmp_path, *(one.parent for one in tmp_path.glob("*/environments"))):
            type_in(Command("flowctl server stop", ""), directory)
