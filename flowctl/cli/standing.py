"""Where an environment stands, as names and values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flowctl.applying.process import is_gone
from flowctl.cli.console import Console
from flowctl.cli.past.rows import short
from flowctl.cli.plans.prepare import Planned
from flowctl.model.drifting import DriftReport
from flowctl.model.ledger import Ledger, Lock
from flowctl.views.diagnostics import named


def standing(
    planned: Planned, drift: DriftReport, unproven: Mapping[str, list[str]], now: datetime
) -> Mapping[str, object]:
    """What `status` prints, in its order; None where there is nothing to say."""
    live, plan = planned.live, planned.plan
    ledger = live.ledger
    last = max((entry for entry in ledger.entries.values()), key=lambda e: e.at, default=None) if ledger else None
    return {
        "environment": plan.environment,
        "server": f"{live.server.url} (tenant {live.server.tenant}, {live.server.edition} {live.server.version})",
        "namespace": plan.namespace,
        "serial": plan.serial,
        "commit": _commit(ledger, planned),
        "applied": f"{last.at.isoformat(timespec='seconds')} by {last.by}" if last is not None else None,
        "objects": len(ledger.entries) if ledger is not None else 0,
        "lock": _lock(live.lock, now),
        "drift": len(drift.objects),
        "pending": drift.pending,
        "ignored": drift.ignored,
        "unmanaged": drift.unmanaged,
        "unproven": [f"for {target}: {flow}" for target, flows in unproven.items() for flow in flows],
        "refusals": [named(one) for one in plan.refusals],
        "problem": live.ledger_problem,
    }


def _commit(ledger: Ledger | None, planned: Planned) -> str | None:
    applied = short(ledger.git_commit) if ledger is not None else None
    git = planned.project.git
    if git is None:
        return applied
    here = git.commit[:12] + ("-dirty" if git.dirty else "")
    if applied is None:
        return f"none applied (files: {here})"
    return applied if applied == here else f"{applied} (files: {here})"


def _lock(lock: Lock | None, now: datetime) -> str:
    if lock is None or lock.released:
        return "free"
    state = "expired, was held" if lock.expires_at < now else "held"
    if is_gone(lock.process):
        state = "left behind"
    return f"{state} by {lock.owner}@{lock.host} since {lock.taken_at.isoformat(timespec='seconds')} (id {lock.id})"


def show_standing(console: Console, found: Mapping[str, object]) -> None:
    """Print it as lines, or as one JSON document."""
    if console.json:
        import json

        console.show(json.dumps({"format": "1.0", "kind": "status", **found}, indent=2))
        return
    for name, value in found.items():
        if value is not None and value != []:
            for line in value if isinstance(value, list) else [value]:
                console.show(f"{name + ':':<13}{line}")
