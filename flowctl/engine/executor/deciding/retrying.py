"""Whether and when a failed task is tried again, by the policy of its `retry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.engine.executor.records.durations import micros
from flowctl.language.flags import is_on


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A `retry` object. Durations in microseconds."""

    type: str
    interval: int
    max_interval: int | None = None
    min_interval: int | None = None
    factor: float = 2.0
    max_attempts: int | None = None
    max_duration: int | None = None
    warning_on_retry: bool = False
    new_execution: bool = False


def policy_of(value: object) -> RetryPolicy | None:
    """The policy that a flow's or task's `retry` describes; None when there is none or it cannot be read."""
    if not isinstance(value, dict):
        return None
    try:
        return _policy(value)
    except ValueError:
        return None


def _policy(value: Mapping[str, object]) -> RetryPolicy:
    attempts = value.get("maxAttempts", value.get("maxAttempt"))
    factor = value.get("delayFactor")
    return RetryPolicy(
        type=str(value.get("type", "constant")),
        interval=_duration(value.get("interval")) or 0,
        max_interval=_duration(value.get("maxInterval")),
        min_interval=_duration(value.get("minInterval")),
        factor=float(factor) if isinstance(factor, int | float) else 2.0,
        max_attempts=attempts if isinstance(attempts, int) else None,
        max_duration=_duration(value.get("maxDuration")),
        warning_on_retry=is_on(value.get("warningOnRetry")),
        new_execution=value.get("behavior") == "CREATE_NEW_EXECUTION",
    )


def _duration(value: object) -> int | None:
    return None if value is None else micros(str(value))


def next_attempt(policy: RetryPolicy, attempts: int, first_start: int, ended: int, chance: float) -> int | None:
    """When to try again, or None when the policy is exhausted.

    `attempts` have been made, the first at `first_start`, the last ended at `ended`; `chance` in [0, 1) places a
    random delay between its bounds.
    """
    if policy.max_attempts is not None and attempts >= policy.max_attempts:
        return None
    due = ended + delay(policy, attempts, chance)
    if policy.max_duration is not None and due > first_start + policy.max_duration:
        return None
    return due


def delay(policy: RetryPolicy, attempts: int, chance: float) -> int:
    """How long to wait after `attempts` attempts."""
    if policy.type == "random":
        low, high = policy.min_interval or 0, policy.max_interval or 0
        return low + int((high - low) * chance)
    if policy.type == "exponential":
        grown = policy.interval * policy.factor ** min(attempts - 1, 60)
        return int(min(grown, policy.max_interval if policy.max_interval is not None else grown))
    return policy.interval
