"""The guards of an environment: a digest that ties a plan to them, and the limit on deletes."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict

from flowctl.model.environment import Environment

SMALL = 10


def policy_digest(environment: Environment) -> str:
    """SHA-256 in hex over everything that decides what a plan of this environment may do."""
    content = {
        "policy": asdict(environment.policy),
        "namespace": environment.namespace,
        "owns": sorted(environment.owns),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def most_deletes(limit: int | str, owned: int) -> int | None:
    """How many deletes a limit allows, None for any number.

    A share counts from `SMALL` owned objects on: below, one object would already be too large a share.

    Raises:
        ValueError: neither a count nor a share such as `"30%"`.
    """
    text = str(limit).strip()
    if text.endswith("%"):
        share = float(text[:-1])
        if not 0 <= share <= 100:
            raise ValueError(f"{text!r} is not between 0% and 100%")
        return None if owned < SMALL else math.floor(owned * share / 100)
    count = int(text)
    if count < 0:
        raise ValueError(f"{text!r} is below 0")
    return count
