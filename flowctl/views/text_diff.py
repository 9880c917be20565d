"""Unified differences of raw texts in which secrets stay hidden.

Lines are compared as they are and printed masked, so that a changed secret shows as a changed line.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from flowctl.model.plan import Action, Change, Content, Plan
from flowctl.views.ansi import printable

MASK = "******"
CONTEXT = 3
NO_NEWLINE = "\\ no newline at the end"


def unified(change: Change, plan: Plan, context: int = CONTEXT) -> list[str]:
    """The difference of a flow's texts as lines that begin with ` `, `+`, `-` or `@@`; empty for other objects.

    A flow that is forgotten keeps its text. One that moves is compared with its text under the old name, which another
    change of the plan holds.
    """
    before = change.before
    if change.action is Action.FORGET:
        return []
    if change.moved_from is not None:
        old = next((other for other in plan.changes if other.key == change.moved_from), None)
        before = old.before if old is not None else None
    if not any(side is not None and side.source is not None for side in (before, change.after)):
        return []
    return list(difference(before, change.after, context))


def difference(before: Content | None, after: Content | None, context: int = CONTEXT) -> Iterator[str]:
    """The difference of two sides, line by line."""
    old, new = _raw(before), _raw(after)
    old_shown, new_shown = masked_lines(before), masked_lines(after)
    matcher = SequenceMatcher(None, old, new)  # with its rule for frequent lines: without it, long flows take seconds
    for group in matcher.get_grouped_opcodes(context):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in old_shown[start:end])
                continue
            yield from (f"-{line}" for line in old_shown[start:end])
            yield from (f"+{line}" for line in new_shown[new_start:new_end])


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + 1 if length else start},{length}" if length != 1 else str(start + 1)


def _raw(side: Content | None) -> list[str]:
    return side.source.splitlines(keepends=True) if side is not None and side.source is not None else []


def masked_lines(side: Content | None) -> list[str]:
    """The lines of a side without its secrets and without line ends; a carriage return is made visible."""
    if side is None or side.source is None:
        return []
    ends = side.source.splitlines(keepends=True)
    return [_visible(line, end) for line, end in zip(_masked(side.source, side.hidden), ends, strict=True)]


def masked_text(side: Content) -> str | None:
    """The text of a side without its secrets, line ends as they are."""
    if side.source is None or not side.hidden:
        return side.source
    return without_spans(side.source, side.hidden)


def without_spans(text: str, hidden: tuple[tuple[int, int, int], ...]) -> str:
    """A text with these places masked, line ends as they are."""
    ends = [line[len(line.rstrip("\r\n")) :] for line in text.splitlines(keepends=True)]
    return "".join(line + end for line, end in zip(_masked(text, hidden), ends, strict=True))


def _masked(text: str, hidden: tuple[tuple[int, int, int], ...]) -> list[str]:
    lines = text.splitlines()
    for number, start, end in reversed(_merged(hidden)):
        if number < len(lines):
            lines[number] = lines[number][:start] + MASK + lines[number][end:]
    return lines


def _merged(spans: tuple[tuple[int, int, int], ...]) -> list[tuple[int, int, int]]:
    """Spans in order, overlapping ones as one, so that cutting one out never uncovers a part of another."""
    result: list[tuple[int, int, int]] = []
    for number, start, end in sorted(spans):
        if result and result[-1][0] == number and start <= result[-1][2]:
            result[-1] = (number, result[-1][1], max(end, result[-1][2]))
        else:
            result.append((number, start, end))
    return result


def _visible(line: str, with_end: str) -> str:
    if with_end.endswith("\r\n"):
        return printable(line) + "\\r"
    return printable(line) if with_end != line else f"{printable(line)} {NO_NEWLINE}"
