"""A plan for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.plan import Action, Change, Drift, Extent, Plan
from flowctl.views.ansi import Paint, printable
from flowctl.views.diagnostics import named
from flowctl.views.plans import wording
from flowctl.views.plans.fields import field_lines
from flowctl.views.plans.impact import impact_lines, schedule_sum
from flowctl.views.text_diff import unified
from flowctl.views.values import plural

_FOLDED = 10
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "-/+": "red", "=": "cyan", ".": "dim"}


def plan_text(
    plan: Plan, *, colour: bool = False, diff: bool = False, unmanaged: bool = False, every: bool = False
) -> str:
    """The whole plan as text that ends in a line end.

    `diff` adds the unified difference of each flow's text, `unmanaged` lists what is on the server and not flowctl's,
    `every` shows all objects that drifted where else the first ten and a count stand.
    """
    return "\n".join(_lines(plan, Paint(colour), diff=diff, unmanaged=unmanaged, every=every)) + "\n"


def _lines(plan: Plan, paint: Paint, *, diff: bool, unmanaged: bool, every: bool) -> Iterator[str]:
    yield from _drift(plan, paint, len(plan.drift) if every else _FOLDED)
    if plan.changes:
        yield f"flowctl will perform the following actions on {printable(wording.where(plan))}:"
        yield ""
        for change in wording.visible(plan):
            yield from _change(change, plan, paint, diff)
            yield ""
    if unmanaged and plan.unmanaged:
        yield f"Not managed by flowctl, and left alone ({len(plan.unmanaged)}):"
        yield from (f"    {printable(key.address)}" for key in plan.unmanaged)
        yield ""
    yield from _said("Warnings", plan.warnings, paint, "yellow")
    yield from _said("Refusals", plan.refusals, paint, "red")
    if plan.empty:
        yield paint(wording.nothing(plan), "bold")
    yield paint(wording.summary(plan), "bold")
    if (runs := schedule_sum(plan)) is not None:
        yield runs
    if plan.refusals:
        yield paint(wording.refused(plan), "bold", "red")


def _drift(plan: Plan, paint: Paint, most: int) -> Iterator[str]:
    if not plan.drift:
        return
    yield paint("Note: objects have changed on the server since they were applied", "bold")
    yield ""
    for one in plan.drift[:most]:
        yield from _drifted(one, paint)
        yield ""
    if (more := len(plan.drift) - most) > 0:
        rest = f"(--verbose shows all, `flowctl drift {plan.environment}` each with its difference)"
        yield f"  and {more} more {rest}"
        yield ""


def _drifted(one: Drift, paint: Paint) -> Iterator[str]:
    yield f"  # {printable(wording.drifted(one))}"
    yield paint(f"      {printable(wording.applied(one))}", "dim")
    for symbol, text in field_lines(one.fields):
        yield f"      {paint(symbol, _COLOURS.get(symbol, 'dim'))} {text}".rstrip()


def _change(change: Change, plan: Plan, paint: Paint, diff: bool) -> Iterator[str]:
    symbol = wording.symbol(change)
    name = change.key.address
    if change.moved_from is not None:
        name = f"flow {change.moved_from} -> {change.key}"
    yield paint(f"  # {printable(wording.headline(change))}", "bold")
    yield f"{paint(f'{symbol:>3}', _COLOURS[symbol])} {printable(name)}"
    if change.path and change.action is Action.CREATE:
        yield paint(f"      from {printable(change.path)}", "dim")
    for sign, text in field_lines(change.fields):
        yield f"      {paint(sign, _COLOURS[sign]) if sign else ' '} {text}"
    yield from (f"      {paint('>', 'cyan')} {printable(line)}" for line in impact_lines(change.impact))
    if change.hold:
        yield f"      {paint('>', 'cyan')} held: {printable(change.hold)}"
    yield from (_note(note, paint) for note in change.notes)
    if diff:
        yield from (f"      {_diff_line(line, paint)}" for line in unified(change, plan))
    elif change.extent is not Extent.CONTENT:
        yield paint("      (--diff shows the lines)", "dim")


def _note(note: Diagnostic, paint: Paint) -> str:
    detail = f" ({note.detail})" if note.detail else ""
    text = printable(f"{note.summary}{detail} [{note.code}]").replace("\n", "\n        ")
    return f"      {paint('!', 'yellow') if note.severity != 'info' else 'i'} {text}"


def _diff_line(line: str, paint: Paint) -> str:
    style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return paint(line, style) if style else line


def _said(heading: str, said: tuple[Diagnostic, ...], paint: Paint, style: str) -> Iterator[str]:
    if not said:
        return
    yield paint(f"{heading} ({plural(len(said), 'entry', 'entries')}):", "bold")
    for one in said:
        place = f"{printable(one.path)}: " if one.path else ""
        yield f"  {paint(one.code, style)} {place}{printable(named(one))}"
        if one.detail:
            yield from (f"       {line}" for line in printable(one.detail).splitlines())
        if one.hint:
            yield f"       -> {printable(one.hint)}"
    yield ""
