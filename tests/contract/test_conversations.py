"""Recorded conversations with real servers: the bundled server agrees, but for differences that are chosen.

Each difference stands in docs/compatibility.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.contract.conversations.playing import Difference, differences, play
from tests.contract.conversations.steps import CONVERSATIONS, Step
from tests.engine.api.server import running

FOLDER = Path(__file__).parent / "conversations"
BAD_TTL = "key_values 26: PUT /namespaces/{ns}/kv/badttl"
OPEN_SUFFIX = "instance 14: GET /api/v1/main/flows/search/configs"
ALL_SOURCES = "flow_search 11: GET /flows/source?filters[namespace][EQUALS]={ns}&filters[q][EQUALS]=needle3&size=5"
OLD_LISTING = "key_values 22: GET /namespaces/{ns}/kv"
EXPRESSIONS = {"flow_validate 8: POST /flows/validate", "flow_validate 9: POST /flows/validate"}

EXPECTED: dict[tuple[str, Dialect], set[str]] = {
    ("2.0", "2.0"): {BAD_TTL},
    ("1.3", "1.3"): {BAD_TTL, OPEN_SUFFIX, ALL_SOURCES},
    ("2.0", "lenient"): {BAD_TTL, OLD_LISTING} | EXPRESSIONS,
}


def played(recording: str, dialect: Dialect, directory: Path) -> tuple[list[Difference], int]:
    """What differs from a recording, and how many answers were compared."""
    recorded = json.loads((FOLDER / f"{recording}.json").read_text("utf-8"))
    found, count = [], 0
    for conversation in CONVERSATIONS:
        name = conversation.__name__
        with running(directory / name, dialect, engine=True) as server:
            answers = play(server, f"contract.{name.replace('_', '-')}", conversation())
        found += differences(name, recorded[name], answers)
        count += len(answers)
    return found, count


@pytest.mark.parametrize(("recording", "dialect"), EXPECTED)
def test_answers_agree_with_the_recording(
    recording: str, dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if recording == "2.0":  # the recorded machine had one secret
        monkeypatch.setenv("SECRET_MINE", "eA==")
    found, count = played(recording, dialect, tmp_path)
    assert {item.place for item in found} == EXPECTED[recording, dialect], found
    assert (count - len(found)) / count >= 0.97


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_every_step_stands_in_both_recordings(conversation: Callable[[], Iterator[Step]]) -> None:
    steps = [step for step in conversation() if not step.quiet]
    for recording in ("2.0", "1.3"):
        assert len(json.loads((FOLDER / f"{recording}.json").read_text("utf-8"))[conversation.__name__]) == len(steps)


DOCS = Path(__file__).parents[2] / "docs" / "compatibility.md"


def test_the_table_in_the_docs_says_what_this_test_found() -> None:
    rows = re.findall(r"^\| [a-z -]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    sizes = [sum(not step.quiet for step in conversation()) for conversation in CONVERSATIONS]
    expected = []
    for conversation, size in zip(CONVERSATIONS, sizes, strict=True):
        wrong = [sum(place.startswith(f"{conversation.__name__} ") for place in found) for found in EXPECTED.values()]
        expected.append((size, *(size - count for count in wrong)))
    expected.append(tuple(map(sum, zip(*expected, strict=True))))
    assert [tuple(map(int, row)) for row in rows] == expected
