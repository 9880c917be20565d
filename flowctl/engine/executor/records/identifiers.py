"""Identifiers of executions and task runs: 128 random bits in base 62, as the API's clients expect."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


def new_id() -> str:
    """A new identifier of 22 letters and digits."""
    number = secrets.randbits(128)
    parts = []
    for _ in range(11):
        number, rest = divmod(number, 3844)
        parts.append(PAIRS[rest])
    return "".join(parts)
