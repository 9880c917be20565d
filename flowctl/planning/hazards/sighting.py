"""What a rule saw, before a level turns it into a refusal, a warning or an information."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.model.keys import FlowKey

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One hazard at one flow of the plan.

    `at` leads to the value in the new text, for line and column. `mild` never blocks, whatever the level says: it is
    an addition for the reader, such as what a server does not let us see.
    """

    code: str
    flow: FlowKey
    summary: str
    detail: str = ""
    hint: str = ""
    at: Path = ()
    mild: bool = False


def not_checkable(code: str, flow: FlowKey, what: str, why: str, at: Path = ()) -> Sighting:
    """What cannot be seen from here is said, never passed in silence."""
    return Sighting(code, flow, f"not checkable: {what}", why, at=at, mild=True)
