"""What a note on a forge is, and which of its notes is ours: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowctl.model.plan import Plan
from flowctl.views.markdown import code

LIMIT = 65_536
"""The most characters GitHub takes for a comment; GitLab takes more."""


@dataclass(frozen=True, slots=True)
class Note:
    """A comment or an issue as the forge has it."""

    id: str
    body: str


def marker(kind: str, environment: str) -> str:
    """A line that no reader sees and by which the note is found again."""
    return f"<!-- flowctl:{kind}:{environment} -->"


def marked(body: str, mark: str) -> str:
    """A body that begins with its marker.

    Raises:
        ValueError: it is longer than a forge takes.
    """
    text = f"{mark}\n{body}"
    if len(text) > LIMIT:
        raise ValueError(f"a note may have at most {LIMIT} characters, this one has {len(text)}")
    return text


def ours(notes: Iterable[Note], mark: str) -> Note | None:
    """The first note with the marker at its very beginning: a note that merely quotes it is somebody else's."""
    return next((note for note in notes if note.body.startswith(mark)), None)


_PLAN = re.compile(r"<!-- flowctl:plan:([a-z0-9-]+) -->\n")


def plans_of_others(notes: Iterable[Note], touched: Iterable[str]) -> Iterator[tuple[str, Note]]:
    """Environment and note of each plan that is about none of these environments."""
    names = frozenset(touched)
    for note in notes:
        found = _PLAN.match(note.body)
        if found and found[1] not in names:
            yield found[1], note


def withdrawn(environment: str) -> str:
    """What stands in the place of a plan when the request does not touch its environment any more."""
    text = f"## flowctl plan for {code(environment)}\n\nThis request no longer changes {code(environment)}.\n"
    return marked(text, marker("plan", environment))


def budget(mark: str) -> int:
    """How long the rest of a note may be."""
    return LIMIT - len(mark) - 1


def same_changes(reviewed: Plan, found: Plan) -> list[str]:
    """Why two plans would not do the same, one sentence each; empty when they would.

    The plans' ids, times and ledger serials do not matter: what counts is which objects are touched, what they are
    now, and what they will be. A plan that is refused is the same as none.
    """
    if found.refusals:
        return [f"the new plan is refused: {refusal.summary} [{refusal.code}]" for refusal in found.refusals]
    if (reviewed.environment, reviewed.server.id) != (found.environment, found.server.id):
        return ["the plans are for different environments or servers"]
    before, after = _effects(reviewed), _effects(found)
    gone = [f"{address} was reviewed and would not be touched any more" for address in before if address not in after]
    new = [f"{address} was not reviewed" for address in after if address not in before]
    other = [
        f"{address} would begin or end otherwise than reviewed" for address in after if _differs(address, before, after)
    ]
    return [*gone, *new, *other]


Effects = dict[str, tuple[object, ...]]


def _effects(plan: Plan) -> Effects:
    return {
        change.key.address: (
            change.action,
            change.before.digest if change.before else None,
            change.after.digest if change.after else None,
            change.after.env if change.after else None,
        )
        for change in plan.changes
    }


def _differs(address: str, before: Effects, after: Effects) -> bool:
    return address in before and before[address] != after[address]
