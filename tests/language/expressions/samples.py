"""The context and environment of the examples in docs/expressions.md."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from flowctl.language.expressions.environment import Environment

CONTEXT: dict[str, object] = {
    "inputs": {"name": "Ada", "count": 7, "items": ["a", "b", "c"]},
    "vars": {
        "greeting": "Hi {{ inputs.name }}",
        "m": {"b": 2, "a": 1},
        "text": "line one\nline two",
    },
    "outputs": {"transform-data": {"rows": 42}},
}
NOW = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


def environment() -> Environment:
    """A fixed clock and fixed randomness; no hooks."""
    return Environment(clock=lambda: NOW, randomness=random.Random(7))
