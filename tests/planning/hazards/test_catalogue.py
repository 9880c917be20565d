"""Forty-four hazards, each with a page, and those that something else than a plan meets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowctl.cli.pages import read_page
from flowctl.model.live import Verdict
from flowctl.planning.build import attach_verdicts
from flowctl.planning.hazards.catalogue import HAZARDS, level_of
from tests.planning.hazards.worlds import key, made, one, text


def test_there_are_forty_four() -> None:
    assert list(HAZARDS) == [f"H{number}" for number in range(1, 45)]


@pytest.mark.parametrize("code", HAZARDS)
def test_each_hazard_has_a_page_that_tells_its_level(code: str) -> None:
    page = read_page(code)
    assert page.summary == HAZARDS[code].name
    if HAZARDS[code].seen == "nowhere":
        assert "Not checkable" in page.text
    assert "## What to do" in page.text and "## Example" in page.text


TESTS = Path(__file__).parents[2]
WHERE = [*(TESTS / "planning/hazards").glob("test_*.py"), TESTS / "story/test_hazards_elsewhere.py"]


@pytest.mark.parametrize("code", HAZARDS)
def test_each_hazard_has_a_test_of_its_own_and_stands_in_the_docs(code: str) -> None:
    named = re.compile(rf'"{code}"|def test_\w*\b{code.lower()}_|_{code.lower()}_')
    assert any(named.search(path.read_text()) for path in WHERE if path.name != Path(__file__).name)
    assert re.search(rf"\b{code}\b", (TESTS.parent / "docs/hazards.md").read_text())


def test_the_policy_of_the_environment_wins() -> None:
    assert level_of("H1", {}) == "block"
    assert level_of("H1", {"H1": "off"}) == "off"


def test_h19_and_h20_are_the_verdict_of_the_target() -> None:
    plan = made({key("a"): text("a")})
    deprecated = attach_verdicts(plan, {key("a"): Verdict(key("a"), deprecations=("tasks[say].type",))})
    assert one(deprecated, "P111").severity == "warning"
    invalid = attach_verdicts(plan, {key("a"): Verdict(key("a"), constraints=("tasks[say].url: must not be null",))})
    assert one(invalid, "P106").severity == "error"
