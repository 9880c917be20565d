"""How an apply ended, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowctl.model.keys import ObjectKey
from flowctl.model.plan import Action, Change, Plan
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.views.ansi import Paint, printable
from flowctl.views.values import plural

FOLDED = 10
STOPPED = "A114"
_DONE = {
    Action.CREATE: "added",
    Action.UPDATE: "changed",
    Action.DELETE: "deleted",
    Action.ADOPT: "adopted",
    Action.FORGET: "forgotten",
}
_VERBS = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.ADOPT: "taken over",
    Action.FORGET: "forgotten",
}
_WORDS = {
    Outcome.FAILED: ("failed", "red"),
    Outcome.NOT_ATTEMPTED: ("not attempted", "yellow"),
    Outcome.ROLLED_BACK: ("rolled back", "yellow"),
    Outcome.HELD: ("held", "yellow"),
}


def report_text(report: ApplyReport, plan: Plan | None = None, *, colour: bool = False) -> str:
    """What was not applied, object by object with its cause, then one line that counts everything."""
    return "\n".join(_lines(report, _changes(plan), Paint(colour))) + "\n"


def _changes(plan: Plan | None) -> Mapping[ObjectKey, Change]:
    return {change.key: change for change in plan.changes} if plan is not None else {}


def _lines(report: ApplyReport, changes: Mapping[ObjectKey, Change], paint: Paint) -> Iterator[str]:
    left = [result for result in report.results if result.outcome is not Outcome.APPLIED]
    shown = _folded(left)
    for result in shown:
        yield from _result(result, changes.get(result.key), paint)
    if more := len(left) - len(shown):
        yield f"{paint('not attempted', 'yellow')}: {more} more, for the same reason"
    for problem in report.problems:
        yield f"{paint(f'[{problem.code}]', 'red')} {printable(problem.summary)}"
        yield from (f"    {line}" for line in printable(problem.detail).splitlines())
        if problem.hint:
            yield f"    -> {printable(problem.hint)}"
    if left or report.problems:
        yield ""
    yield paint(_verdict(report), "bold", "green" if report.ok else "red")
    if not report.ok:
        yield "Run apply again: it goes on with what is left."


def _folded(left: Sequence[Result]) -> list[Result]:
    """Without most of those that were not attempted because the apply stopped: they all say the same."""
    stopped = [result for result in left if result.error is not None and result.error.code == STOPPED]
    rest = {result.key for result in stopped[FOLDED:]}
    return [result for result in left if result.key not in rest]


def _result(result: Result, change: Change | None, paint: Paint) -> Iterator[str]:
    word, style = _WORDS[result.outcome]
    path = f" ({change.path})" if change is not None and change.path else ""
    yield f"{paint(word, style)}: {result.action.value} {printable(result.key.address + path)}"
    if result.error is not None:
        yield f"    [{result.error.code}] {printable(result.error.summary)}"
        yield from (f"    {line}" for line in printable(result.error.detail).splitlines())
        if result.error.hint:
            yield f"    -> {printable(result.error.hint)}"


def _verdict(report: ApplyReport) -> str:
    if not report.results and report.ok:
        return "Apply complete! There was nothing to do."
    head = "Apply complete!" if report.ok else "Apply interrupted." if report.interrupted else "Apply failed."
    applied = [result.action for result in report.results if result.outcome is Outcome.APPLIED]
    parts = [f"{applied.count(action)} {word}" for action, word in _DONE.items() if _counts(action, applied)]
    for outcome, (word, _) in _WORDS.items():
        if count := report.count(outcome):
            parts.append(f"{count} {word}")
    return f"{head} {', '.join(parts)}."


def _counts(action: Action, applied: list[Action]) -> bool:
    """Terraform's three are always counted, the others when there are any."""
    return action in (Action.CREATE, Action.UPDATE, Action.DELETE) or action in applied


def finished_line(change: Change, result: Result, *, colour: bool = False) -> str:
    """One line for a finished object: what was done, how long it took, the new revision."""
    paint = Paint(colour)
    name = printable(change.key.address)
    if result.outcome is not Outcome.APPLIED:
        word, style = _WORDS[result.outcome]
        cause = f": [{result.error.code}] {printable(result.error.summary)}" if result.error is not None else ""
        return f"{name}: {paint(word, style)}{cause}"
    return f"{name}: {_VERBS[change.action]} after {result.seconds:.1f}s{_revision(result)}"


def _revision(result: Result) -> str:
    if result.revision_after is None:
        return ""
    if result.revision_before in (None, result.revision_after):
        return f" [revision {result.revision_after}]"
    return f" [revision {result.revision_before} -> {result.revision_after}]"


def held_line(change: Change, why: str) -> str:
    """One line for an object that has to wait."""
    return f"{printable(change.key.address)}: held, {printable(why)}"


def waiting_line(owner: str, host: str, objects: int) -> str:
    """One line while somebody else holds the lock."""
    return f"Waiting for the lock: {owner}@{host} is applying {plural(objects, 'object')}."
