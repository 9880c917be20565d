"""Recorded flows with other ids, values, words and namespaces do the same: nothing looks at a recorded name.

Ids of flows, tasks, inputs and triggers, names of variables, and words of messages and values are changed alike in the
text of a flow and in its recording; what then happens must be the changed recording.
"""

from __future__ import annotations

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flowctl.model.environment import Dialect
from tests.contract.flow_recordings import ASPECTS, FOLDER, GIVEN, JOBS, Player, aspects, player
from tests.contract.test_flow_recordings import AREAS
from tests.contract.varying import (
    SHARED,
    Json,
    fresh,
    in_order,
    names_of,
    parsed,
    varied_recording,
    varied_text,
    varied_words,
    words_of,
)

Given = dict[str, str]
VARIED: tuple[tuple[str, Dialect, int, int], ...] = (
    ("flow", "2.0", 35, 1),
    ("flowables", "2.0", 70, 2),
    ("failures", "2.0", 60, 2),
    ("tasks", "2.0", 35, 2),
    ("inputs", "2.0", 60, 2),
    ("triggers", "2.0", 60, 2),
    ("expressions", "2.0", 35, 1),
    ("legacy", "1.3", 120, 1),
    ("invalid", "2.0", 70, 2),
    ("articles", "1.3", 15, 1),
)
"""Areas, with how many of their flows can be varied at least, and how often each is."""


class Candidate(NamedTuple):
    """A flow with its recording, and what can be changed in it."""

    text: str
    recorded: Json
    names: dict[str, list[str]]
    words: list[str]


def candidates(area: str) -> dict[str, Candidate]:
    """The flows of an area that stand alone, agree as they are, and have something to change. Some were refused."""
    recorded = json.loads((FOLDER / "recorded" / f"{area}.json").read_text("utf-8"))
    found = {}
    for name in sorted(recorded):
        text = (FOLDER / "flows" / area / name).read_text("utf-8")
        alone = name not in AREAS[area][1] and not name.startswith("_") and not SHARED.search(text)
        if alone and isinstance((parsed(text) or {}).get("id"), str):
            expected = aspects(recorded[name])
            names, words = names_of(text, expected, GIVEN), words_of(text, expected)
            if any(names.values()) or words:
                found[name] = Candidate(text, expected, names, words)
    return found


def difference(played: Player, flow: Candidate, source: random.Random, number: int, given: Given) -> str | None:
    """The changed text of a flow if something else happens to it than to the recorded one."""
    renamed = {
        kind: {old: f"{fresh(old, source)}_{number}{source.randrange(100)}" for number, old in enumerate(names)}
        for kind, names in flow.names.items()
    }
    words = {old: fresh(old, source) for old in flow.words}
    flow_id = str(parsed(flow.text)["id"])
    other_id = f"{flow_id}-{number}"
    changed = varied_text(flow.text, renamed, words).replace(f"id: {flow_id}\n", f"id: {other_id}\n", 1)
    sent = {renamed["inputs"].get(name, name): varied_words(value, words) for name, value in given.items()}
    back = json.dumps(played.play(changed, sent)).replace(played.rename[1], played.rename[0])
    back = back.replace(other_id, flow_id).replace(other_id.upper(), flow_id.upper())
    got, wanted = in_order(json.loads(back)), varied_recording(flow.recorded, renamed["tasks"], words)
    same = all(got.get(aspect) == wanted[aspect] for aspect in ASPECTS)
    return None if same else f"{changed}\nwanted {wanted}\ngot {got}"


@pytest.mark.parametrize(("area", "dialect", "least", "times"), VARIED)
def test_varied_flows_do_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, area: str, dialect: Dialect, least: int, times: int
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)  # the servers that were recorded had no calendar of holidays
    flows, marks = candidates(area), count()
    assert len(flows) >= least
    given_of = json.loads((FOLDER / "recorded" / "inputs-given.json").read_text("utf-8")) if area == "inputs" else {}
    with player(tmp_path, area, dialect) as played, ThreadPoolExecutor(JOBS) as pool:

        @settings(
            max_examples=times,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],  # a flow by itself is as small as it gets
        )
        @given(seed=st.integers(0, 2**32))
        def vary(seed: int) -> None:
            def one(name: str) -> str | None:
                source = random.Random(f"{seed} {name}")
                return difference(played, flows[name], source, next(marks), given_of.get(name, {}))

            assert [text for text in pool.map(one, flows) if text] == []

        vary()
