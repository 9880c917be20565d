"""A flow that goes away and one that appears, and are the same flow: shown as a move.

A move is recognised by the text: equal but for `id` and `namespace`, or at least `LIKE` alike when there is exactly
one candidate on either side.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from flowctl.model.keys import FlowKey

LIKE = 0.8
MOST_PAIRS = 2_500
_IDENTITY = re.compile(r"^(id|namespace)[ \t]*:.*\n?", re.MULTILINE)


def find_moves(gone: Mapping[FlowKey, str], new: Mapping[FlowKey, str]) -> dict[FlowKey, FlowKey]:
    """Old key → new key. Both arguments map keys to source texts."""
    old = {key: _IDENTITY.sub("", gone[key]) for key in sorted(gone)}
    fresh = {key: _IDENTITY.sub("", new[key]) for key in sorted(new)}
    moves = _equal(old, fresh)
    for key in moves:
        del old[key]
    for key in moves.values():
        del fresh[key]
    return moves | _alike(old, fresh)


def _equal(old: Mapping[FlowKey, str], fresh: Mapping[FlowKey, str]) -> dict[FlowKey, FlowKey]:
    by_text: dict[str, list[FlowKey]] = defaultdict(list)
    for key, text in fresh.items():
        by_text[text].append(key)
    gone: dict[str, list[FlowKey]] = defaultdict(list)
    for key, text in old.items():
        gone[text].append(key)
    found: dict[FlowKey, FlowKey] = {}
    for text, keys in gone.items():
        found |= _pair(keys, by_text.get(text, []))
    return found


def _pair(gone: list[FlowKey], fresh: list[FlowKey]) -> dict[FlowKey, FlowKey]:
    """One with one; of several with the same text those that keep their id."""
    if len(gone) == len(fresh) == 1:
        return {gone[0]: fresh[0]}
    found: dict[FlowKey, FlowKey] = {}
    for key in gone:
        same = [other for other in fresh if other.id == key.id]
        if len(same) == 1 and sum(other.id == key.id for other in gone) == 1:
            found[key] = same[0]
    return found


def _alike(old: Mapping[FlowKey, str], fresh: Mapping[FlowKey, str]) -> dict[FlowKey, FlowKey]:
    if not old or not fresh or len(old) * len(fresh) > MOST_PAIRS:
        return {}
    pairs = [(before, after) for before in old for after in fresh if alike(old[before], fresh[after])]
    return {
        before: after
        for before, after in pairs
        if sum(one == before for one, _ in pairs) == 1 and sum(other == after for _, other in pairs) == 1
    }


def alike(one: str, other: str) -> bool:
    """Whether two texts have at least `LIKE` of their lines in common, wherever they stand."""
    mine, theirs = Counter(one.splitlines()), Counter(other.splitlines())
    total = mine.total() + theirs.total()
    return total > 0 and 2 * (mine & theirs).total() >= LIKE * total
