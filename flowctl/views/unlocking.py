"""What `flowctl unlock` did, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flowctl.model.ledger import Unlocked
from flowctl.model.moving import is_done, mark_of
from flowctl.views.locking import lock_members

FORMAT = "1.0"


def unlocked_text(done: Unlocked, environment: str) -> str:
    """Whose lock it was, what was switched on and put back, and what comes next."""
    lock, moved = done.lock, mark_of(done.lock)
    taken = lock.taken_at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    what = f"a move to {moved}" if moved is not None else "an apply"
    lines = [
        f"Released lock {lock.id} of {environment}: {what} by {lock.owner}@{lock.host} from {taken}.",
        _line("Switched on again", (f"trigger {trigger} of {flow}" for flow, trigger in done.triggers)),
        _line("Disabled again", (f"trigger {trigger} of {flow}" for flow, trigger in done.disabled)),
        _line("Put back the text of", map(str, done.flows)),
        _line("Left alone, for they were edited since", map(str, done.left)),
    ]
    if moved is None:
        lines.append(f"What that apply had written counts as flowctl's. Next: flowctl plan {environment}")
    else:
        here = f"Everything fires at {moved} too" if is_done(lock) else f"What has arrived at {moved} fires there too"
        lines.append(f"{here}: on both servers now. To go on with {moved} alone: flowctl move {environment} {moved}")
    return "\n".join(line for line in lines if line)


def unlocked_json(done: Unlocked, environment: str) -> str:
    """The same as one JSON document."""
    found = {
        "format": FORMAT,
        "kind": "unlock",
        "environment": environment,
        "lock": lock_members(done.lock),
        "move": mark_of(done.lock),
        "switchedOn": [{"flow": str(flow), "trigger": trigger} for flow, trigger in done.triggers],
        "disabledAgain": [{"flow": str(flow), "trigger": trigger} for flow, trigger in done.disabled],
        "putBack": [str(flow) for flow in done.flows],
        "leftAlone": [str(flow) for flow in done.left],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _line(what: str, names: Iterable[str]) -> str:
    named = ", ".join(names)
    return f"  {what}: {named}" if named else ""
