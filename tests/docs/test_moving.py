"""The page on moving to another server, typed as it stands."""

from __future__ import annotations

from pathlib import Path

from tests.docs.examples import Command, File, agrees, steps, type_in, write

PAGE = Path(__file__).parents[2] / "docs/moving-servers.md"


def test_the_page_on_moving_is_true(tmp_path: Path) -> None:
    try:
        for step in steps(PAGE.read_text(encoding="utf-8")):
            if isinstance(step, File):
                write(step, tmp_path)
            else:
                done = type_in(step, tmp_path)
                assert done.returncode == 0, f"$ {step.line}\n{done.stdout}"
                assert agrees(step.output, done.stdout), f"$ {step.line}\n{done.stdout}"
    finally:
        for directory in (tmp_path, tmp_path / "new"):
            type_in(Command("flowctl server stop", ""), directory)
