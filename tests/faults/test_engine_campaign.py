"""A small part of the campaign of kills against the engine, with a seed."""

from __future__ import annotations

from pathlib import Path

from tests.faults.engine_campaign import run


def test_nothing_is_lost_doubled_or_left_behind(tmp_path: Path) -> None:
    campaign = run(tmp_path.resolve(), rounds=4, total=24, seed=7)
    assert campaign.wrong == []
    assert len(campaign.expected) >= 4
