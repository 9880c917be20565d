from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.scheduler.leaps import TOLERANCE, Leaps
from tests.engine.scheduler.conftest import START

SECONDS = st.integers(0, 10_000)


@given(st.lists(SECONDS, max_size=20))
def test_time_that_passes_is_no_leap(steps: list[int]) -> None:
    leaps, passed = Leaps(START, 5.0), 0
    for step in steps:
        passed += step
        assert leaps.forward(START + timedelta(seconds=passed), 5.0 + passed) is None


@pytest.mark.parametrize("step", [timedelta(hours=3), timedelta(days=400), TOLERANCE + timedelta(seconds=1)])
def test_a_leap_is_told_once(step: timedelta) -> None:
    leaps = Leaps(START, 0.0)
    assert leaps.forward(START + step + timedelta(seconds=7), 7.0) == step
    assert leaps.forward(START + step + timedelta(seconds=9), 9.0) is None


@pytest.mark.parametrize("step", [-timedelta(days=3), -timedelta(seconds=1), TOLERANCE])
def test_a_small_step_and_one_back_are_none(step: timedelta) -> None:
    leaps = Leaps(START, 0.0)
    assert leaps.forward(START + step, 0.0) is None
