"""Which lines two texts have in common: every line counts, however often it stands, and long texts take no longer."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

MOST = 100_000
"""A stretch without a line of its own is compared line by line up to so many pairs; above, frequent lines do not
count, or it would take minutes."""

Pair = tuple[int, int]
Stretch = tuple[bool, int, int, int, int]


def stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """Both texts from beginning to end: whether equal, where the stretch lies in the old one, where in the new one."""
    here, there = 0, 0
    for start, new_start, length in _joined(_pairs(old, new)):
        if here < start or there < new_start:
            yield False, here, start, there, new_start
        here, there = start + length, new_start + length
        yield True, start, here, new_start, there
    if here < len(old) or there < len(new):
        yield False, here, len(old), there, len(new)


def _joined(pairs: Iterator[Pair]) -> Iterator[tuple[int, int, int]]:
    """Neighbouring pairs as one stretch with its length."""
    start, new_start, length = 0, 0, 0
    for one, other in pairs:
        if length and (one, other) == (start + length, new_start + length):
            length += 1
            continue
        if length:
            yield start, new_start, length
        start, new_start, length = one, other, 1
    if length:
        yield start, new_start, length


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """Equal lines in order. Lines that stand once in both cut the texts; what lies between is looked at alone."""
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        low, high, new_low, new_high = waiting.pop()
        while low < high and new_low < new_high and old[low] == new[new_low]:
            yield low, new_low
            low, new_low = low + 1, new_low + 1
        anchors = _anchors(old[low:high], new[new_low:new_high])
        if not anchors:
            yield from _compared(old, new, low, high, new_low, new_high)
            continue
        cuts = [(low + one, new_low + other) for one, other in anchors]
        ends = [*cuts[1:], (high, new_high)]
        parts = [(*cut, *end) for cut, end in zip(cuts, ends, strict=True)]
        waiting += [(one, end, other, new_end) for one, other, end, new_end in reversed(parts)]
        waiting.append((low, cuts[0][0], new_low, cuts[0][1]))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """The longest run, in the order of both, of lines that stand once in each."""
    counts, new_counts = Counter(old), Counter(new)
    place = {line: index for index, line in enumerate(new) if new_counts[line] == 1}
    found = [(index, place[line]) for index, line in enumerate(old) if counts[line] == 1 and line in place]
    tops: list[int] = []
    chain: list[int] = []
    before: list[int | None] = []
    for number, (_, other) in enumerate(found):
        at = bisect_left(tops, other)
        before.append(chain[at - 1] if at else None)
        if at == len(tops):
            tops.append(other)
            chain.append(number)
        else:
            tops[at], chain[at] = other, number
    result: list[Pair] = []
    last = chain[-1] if chain else None
    while last is not None:
        result.append(found[last])
        last = before[last]
    return result[::-1]


def _compared(
    old: Sequence[str], new: Sequence[str], low: int, high: int, new_low: int, new_high: int
) -> Iterator[Pair]:
    many = (high - low) * (new_high - new_low) > MOST
    matcher = SequenceMatcher(None, old[low:high], new[new_low:new_high], autojunk=many)
    for start, new_start, length in matcher.get_matching_blocks():
        yield from ((low + start + step, new_low + new_start + step) for step in range(length))
