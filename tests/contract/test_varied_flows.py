"""Recorded flows with other ids, words and namespaces do the same: nothing looks at a recorded name.

Ids of flows and tasks and words of messages are changed alike in the text of a flow and in its recording; what then
happens must be the changed recording.
"""

from __future__ import annotations

import json
import random
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.model.environment import Dialect
from tests.contract.flow_recordings import ASPECTS, FOLDER, aspects, player
from tests.contract.test_flow_recordings import AREAS
from tests.contract.varying import (
    SHARED,
    Json,
    fresh,
    ids_of,
    in_order,
    parsed,
    varied_recording,
    varied_text,
    words_of,
)

VARIED: tuple[tuple[str, Dialect, int], ...] = (
    ("flow", "2.0", 8),
    ("flowables", "2.0", 40),
    ("failures", "2.0", 30),
    ("legacy", "1.3", 30),
)


def candidates(area: str) -> dict[str, tuple[str, Json]]:
    """Text and recording of the flows of an area that ran, stand alone, agree as they are, and have something to
    change."""
    recorded = json.loads((FOLDER / "recorded" / f"{area}.json").read_text("utf-8"))
    found = {}
    for name in sorted(recorded):
        text = (FOLDER / "flows" / area / name).read_text("utf-8")
        alone = name not in AREAS[area][1] and not name.startswith("_") and not SHARED.search(text)
        if alone and recorded[name].get("state") and parsed(text):
            expected = aspects(recorded[name])
            if ids_of(text, expected) or words_of(text, expected):
                found[name] = text, expected
    return found


@pytest.mark.parametrize(("area", "dialect", "least"), VARIED)
def test_varied_flows_do_the_same(tmp_path: Path, area: str, dialect: Dialect, least: int) -> None:
    flows, marks = candidates(area), count()
    assert len(flows) >= least
    with player(tmp_path, area, dialect) as played:

        @settings(
            max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
        )
        @given(name=st.sampled_from(sorted(flows)), seed=st.integers(0, 2**32))
        def vary(name: str, seed: int) -> None:
            text, expected = flows[name]
            source = random.Random(seed)
            ids = {old: f"{fresh(old, source)}_{source.randrange(1000)}" for old in ids_of(text, expected)}
            words = {old: fresh(old, source) for old in words_of(text, expected)}
            flow_id = str(parsed(text)["id"])
            other_id = f"{flow_id}-{next(marks)}"
            changed = varied_text(text, ids, words).replace(f"id: {flow_id}\n", f"id: {other_id}\n", 1)
            back = json.dumps(played.play(changed, {})).replace(played.rename[1], played.rename[0])
            back = back.replace(other_id, flow_id)
            got = in_order(json.loads(back))
            wanted = varied_recording(expected, ids, words)
            assert {aspect: got.get(aspect) for aspect in ASPECTS} == {a: wanted[a] for a in ASPECTS}, changed

        vary()
