"""The tutorial, typed as it stands."""

from __future__ import annotations

from pathlib import Path

from tests.docs.examples import Command, File, agrees, steps, type_in, write

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"


def test_the_tutorial_is_true(tmp_path: Path) -> None:
    typed = 0
    try:
        for step in steps(PAGE.read_text(encoding="utf-8")):
            if isinstance(step, File):
                write(step, tmp_path)
                continue
            result = type_in(step, tmp_path)
            assert result.returncode == 0, f"{step.line}\n{result.stdout}"
            assert agrees(step.output, result.stdout), f"{step.line}\nwanted:\n{step.output}\ngot:\n{result.stdout}"
            typed += 1
    finally:
        type_in(Command("flowctl server stop", ""), tmp_path)
    assert typed > 10
