"""What `flowctl unlock` did, as text."""

from __future__ import annotations

from collections.abc import Iterable

from flowctl.model.ledger import Unlocked
from flowctl.model.moving import mark_of


def unlocked_text(done: Unlocked, environment: str) -> str:
    """Whose lock it was, what was switched on and put back, and what comes next."""
    lock, moved = done.lock, mark_of(done.lock)
    taken = lock.taken_at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    what = f"a move to {moved}" if moved is not None else "an apply"
    lines = [
        f"Released lock {lock.id} of {environment}: {what} by {lock.owner}@{lock.host} from {taken}.",
        _line("Switched on again", (f"trigger {trigger} of {flow}" for flow, trigger in done.triggers)),
        _line("Put back the text of", map(str, done.flows)),
        _line("Left alone, for they were edited since", map(str, done.left)),
    ]
    if moved is None:
        lines.append(f"What that apply had written counts as flowctl's. Next: flowctl plan {environment}")
    return "\n".join(line for line in lines if line)


def _line(what: str, names: Iterable[str]) -> str:
    named = ", ".join(names)
    return f"  {what}: {named}" if named else ""
