from __future__ import annotations

import pytest

from flowctl.engine.executor.deciding.retrying import delay, next_attempt, policy_of

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("retry", "attempts", "chance", "seconds"),
    [
        ({"type": "constant", "interval": "PT5S"}, 3, 0.5, 5),
        ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT10S"}, 1, 0.5, 1),
        ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT10S"}, 3, 0.5, 4),
        ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT10S"}, 9, 0.5, 10),
        ({"type": "exponential", "interval": "PT1S", "maxInterval": "PT10S", "delayFactor": 3}, 2, 0.5, 3),
        ({"type": "exponential", "interval": "PT1S", "delayFactor": 1.5}, 3, 0.5, 2.25),
        ({"type": "exponential", "interval": "PT1S"}, 5000, 0.5, 2**60),
        ({"type": "random", "minInterval": "PT2S", "maxInterval": "PT4S"}, 1, 0.5, 3),
    ],
)
def test_the_delay_follows_the_policy(retry: dict[str, object], attempts: int, chance: float, seconds: float) -> None:
    policy = policy_of(retry)
    assert policy is not None
    assert delay(policy, attempts, chance) == seconds * SECOND


@pytest.mark.parametrize("name", ["maxAttempts", "maxAttempt"])
def test_attempts_count_the_first_one(name: str) -> None:
    policy = policy_of({"type": "constant", "interval": "PT1S", name: 2})
    assert policy is not None
    assert next_attempt(policy, 1, 0, 10, 0) == 10 + SECOND
    assert next_attempt(policy, 2, 0, 10, 0) is None


def test_no_attempt_is_made_past_the_longest_duration() -> None:
    policy = policy_of({"type": "constant", "interval": "PT1S", "maxDuration": "PT3S"})
    assert policy is not None
    assert next_attempt(policy, 9, 0, 2 * SECOND, 0) == 3 * SECOND
    assert next_attempt(policy, 9, 0, 2 * SECOND + 1, 0) is None


@pytest.mark.parametrize("value", [None, "x", [], {"type": "constant", "interval": "soon"}])
def test_what_is_no_policy_is_none(value: object) -> None:
    assert policy_of(value) is None
