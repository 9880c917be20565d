"""A plan as a comment on a pull request.

Deletes and what is not managed come first, then one folded section per object. A comment has a limit
(65,536 characters on GitHub): what does not fit is said by number, and the result is whole Markdown at any budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.plan import Action, Change, Drift, Plan
from flowctl.views.diagnostics import named, position
from flowctl.views.graphs.tasks import task_mermaid
from flowctl.views.markdown import code, escaped, fenced, folded, html
from flowctl.views.plans import wording
from flowctl.views.plans.fields import field_lines
from flowctl.views.plans.impact import impact_lines, schedule_sum
from flowctl.views.text_diff import unified
from flowctl.views.values import plural

BUDGET = 65_536
_RESERVE = 300
_LISTED = 50
_LONGEST = 20_000
_DIFF_LINES = 400


def plan_markdown(plan: Plan, budget: int = BUDGET) -> str:
    """The plan as Markdown of at most `budget` characters (at least 1,000)."""
    page = _Page(max(budget, 1_000) - _RESERVE)
    sections = [*_head(plan), *_facts(plan)]
    left = sum(not page.add(section) for section in sections)
    changes = [_section(change, plan) for change in sorted(wording.visible(plan), key=_weight)]
    cut, unnamed = page.add_changes(changes)
    left += unnamed
    gone = [*([plural(cut, "difference")] if cut else []), *([plural(left, "section")] if left else [])]
    if gone:
        page.add(f"_{' and '.join(gone)} left out for length: the plan file has everything._", last=True)
    return page.text()


class _Page:
    """Sections that fit a budget. A short section may still fit after a long one did not."""

    def __init__(self, budget: int) -> None:
        self._left, self._sections = budget, list[str]()

    def add(self, section: str, *, last: bool = False) -> bool:
        """Add a section when it fits; the last one has a reserve of its own."""
        if not last and len(section) + 2 > self._left:
            return False
        self._left -= len(section) + 2
        self._sections.append(section)
        return True

    def add_changes(self, changes: list[tuple[str, str]]) -> tuple[int, int]:
        """Name every change before any is shown in full; returns how many are only named, and how many not even that.

        A change is given in full and as a headline.
        """
        named, room = 0, self._left
        while named < len(changes) and (cost := len(changes[named][1]) + 2) <= room:
            named, room = named + 1, room - cost
        shown = 0
        for full, headline in changes[:named]:
            fits = len(full) - len(headline) <= room
            room -= len(full) - len(headline) if fits else 0
            shown += fits
            self._sections.append(full if fits else headline)
        self._left = room
        return named - shown, len(changes) - named

    def text(self) -> str:
        return "\n\n".join(self._sections) + "\n"


def _weight(change: Change) -> int:
    return 0 if change.action is Action.DELETE else 1 if change.moved_from is not None else 2


def _head(plan: Plan) -> Iterator[str]:
    yield f"## flowctl plan for {code(plan.environment)}"
    yield f"**{wording.summary(plan)}**" if not plan.empty else f"**{escaped(wording.nothing(plan))}**"
    yield _origin(plan)
    if (runs := schedule_sum(plan)) is not None:
        yield escaped(runs)
    deletes = [change for change in plan.changes if change.action is Action.DELETE and change.moved_to is None]
    if deletes:
        yield f"> [!CAUTION]\n> **{plural(len(deletes), 'object')} will be deleted:** {_names(deletes)}"
    if plan.refusals:
        yield f"> [!WARNING]\n> **{wording.refused(plan)}**\n" + "\n".join(f"> {line}" for line in _said(plan.refusals))


def _origin(plan: Plan) -> str:
    commit = ""
    if plan.git is not None:
        dirty = " and uncommitted changes" if plan.git.dirty else ""
        commit = f", from commit {code(plan.git.commit[:12])}{dirty}"
    return f"Server {code(plan.server.url)}, tenant {code(plan.server.tenant)}{commit}; plan {code(plan.id)}."


def _names(changes: Iterable[Change]) -> str:
    names = [code(change.key.address) for change in changes]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _said(said: Iterable[Diagnostic], *, below: bool = False) -> Iterator[str]:
    """A list; its marks are asterisks, so that no dash reads as a removal. `below` a change its object is known."""
    for one in said:
        where = f" ({code(position(one))})" if one.path else ""
        detail = f": {escaped(one.detail)}" if one.detail else ""
        hint = f" — {escaped(one.hint)}" if one.hint else ""
        yield f"* **{one.code}** {escaped(one.summary if below else named(one))}{where}{detail}{hint}"


def _facts(plan: Plan) -> Iterator[str]:
    if plan.unmanaged:
        names = [code(key.address) for key in plan.unmanaged[:_LISTED]]
        more = f", and {len(plan.unmanaged) - _LISTED} more" if len(plan.unmanaged) > _LISTED else ""
        heading = f"{plural(len(plan.unmanaged), 'object')} on the server not managed by flowctl, left alone"
        yield folded(heading, ", ".join(names) + more)
    if plan.drift:
        heading = f"{plural(len(plan.drift), 'object')} changed on the server since the last apply"
        yield folded(heading, "\n\n".join(_drifted(drift) for drift in plan.drift[:_LISTED]))
    if plan.warnings:
        yield folded(plural(len(plan.warnings), "warning"), "\n".join(_said(plan.warnings)))


def _drifted(drift: Drift) -> str:
    lines = [f"{sign} {text}" if sign else f"  {text}" for sign, text in field_lines(drift.fields)]
    head = f"{escaped(wording.drifted(drift))}, {escaped(wording.applied(drift))}"
    return "\n\n".join([head, fenced((_aside(line) for line in lines), "diff")] if lines else [head])


def _section(change: Change, plan: Plan) -> tuple[str, str]:
    """A change with its difference, and without it."""
    mark = html(wording.symbol(change))
    summary = f"<code>{mark}</code> {html(wording.headline(change))}"
    body = [*_places(change), *_impact(change), "\n".join(_said(change.notes, below=True))]
    short = folded(summary, "\n\n".join(part for part in body if part) or escaped(change.reason))
    lines = unified(change, plan)
    if not lines:
        return short, summary
    shown = [_line(line) for line in lines[:_DIFF_LINES]]
    more = len(lines) - len(shown)
    text = fenced([*shown, *([f"  ... {more} more lines"] if more else [])], "diff")
    full = folded(summary, "\n\n".join(part for part in (*body, text) if part))
    return (full if len(full) <= _LONGEST else short), summary


def _places(change: Change) -> list[str]:
    lines = [f"{sign} {text}" if sign else f"  {text}" for sign, text in field_lines(change.fields)]
    return [fenced((_aside(line) for line in lines), "diff")] if lines else []


def _impact(change: Change) -> list[str]:
    lines = [*impact_lines(change.impact), *([f"held: {change.hold}"] if change.hold else [])]
    drawn = [fenced(task_mermaid(change.impact.tasks).splitlines(), "mermaid")] if change.impact.tasks else []
    return [*([fenced(lines, "text")] if lines else []), *drawn]


def _aside(line: str) -> str:
    """A line whose sign is in the first column; `~` is an unmarked change there."""
    return f"! {line[2:]}" if line.startswith("~ ") else line


def _line(line: str) -> str:
    """A line of a unified difference. The sign stands alone in the first column, the text after a space, so that a
    list dash of an unchanged line is never in the column of removals."""
    return line if line.startswith("@@") else f"{line[0]} {line[1:]}"
