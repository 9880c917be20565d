"""An object that moved since the plan was made: what was there, what is there now, what the plan wants."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.model.plan import Change, Content
from flowctl.views.ansi import Paint, printable
from flowctl.views.text_diff import difference
from flowctl.views.values import digest


def three_way_text(change: Change, now: Content | None, *, colour: bool = False) -> str:
    """Two differences with the planned `before` between them: what somebody changed, and what the plan would.

    `now` is what the server has, None when the object is gone; its `hidden` spans count as in `Content`.
    """
    return "\n".join(_lines(change, now, Paint(colour))) + "\n"


def _lines(change: Change, now: Content | None, paint: Paint) -> Iterator[str]:
    yield paint(printable(change.key.address), "bold")
    yield f"    when planned: {_state(change.before)}"
    yield f"    now:          {_state(now)}"
    yield f"    planned:      {_state(change.after)}"
    yield from _part("changed on the server since the plan", change.before, now, paint)
    yield from _part("what the plan would change now", now, change.after, paint)


def _state(content: Content | None) -> str:
    if content is None:
        return "not there"
    revision = f"revision {content.revision}, " if content.revision is not None else ""
    return f"{revision}digest {digest(content.digest)}"


def _part(heading: str, before: Content | None, after: Content | None, paint: Paint) -> Iterator[str]:
    if not any(side is not None and side.source is not None for side in (before, after)):
        return
    lines = list(difference(before, after))
    yield ""
    yield f"  {heading}:" + ("" if lines else " nothing")
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        yield "    " + (paint(line, colours[line[0]]) if line[0] in colours else line)
