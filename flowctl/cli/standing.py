"""Where an environment stands, as names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flowctl.applying.process import is_gone
from flowctl.applying.waiting import left_open
from flowctl.cli.console import Console
from flowctl.cli.past.rows import short
from flowctl.cli.plans.prepare import Planned
from flowctl.cli.unproven import Unproven
from flowctl.model.drifting import DriftReport
from flowctl.model.ledger import Ledger, Lock
from flowctl.model.moving import is_done, mark_of
from flowctl.views.diagnostics import members, named
from flowctl.views.locking import left_behind, lock_members

_MOST_LINES = 10
"""Of one kind on the screen: one look has to show lock and drift."""


def standing(planned: Planned, drift: DriftReport, unproven: Sequence[Unproven], now: datetime) -> Mapping[str, object]:
    """What `status` prints, in its order; None where there is nothing to say."""
    live, plan = planned.live, planned.plan
    ledger = live.ledger
    last = _last(ledger)
    return {
        "environment": plan.environment,
        "server": f"{live.server.url} (tenant {live.server.tenant}, {live.server.edition} {live.server.version})",
        "namespace": plan.namespace,
        "serial": plan.serial,
        "commit": _commit(ledger, planned),
        "applied": f"{last[0].isoformat(timespec='seconds')} by {last[1]}" if last is not None else None,
        "objects": len(ledger.entries) if ledger is not None else 0,
        "lock": _lock(live.lock, now),
        "unfinished": left_behind(live.lock) if live.lock is not None and left_open(live.lock, now) else [],
        "drift": len(drift.objects),
        "pending": drift.pending,
        "ignored": drift.ignored,
        "unmanaged": drift.unmanaged,
        "unproven": [str(one) for one in unproven],
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
    state = lock_state(lock, now)
    if lock is None or state == "free":
        return "free"
    words = "expired, was held" if state == "expired" else state.replace("_", " ")
    who = f"{words} by {lock.owner}@{lock.host} since {lock.taken_at.isoformat(timespec='seconds')} (id {lock.id})"
    target = mark_of(lock)
    if target is None:
        return who
    return f"{who}: this environment {'was moved' if is_done(lock) else 'is moving'} to {target}"


def facts(planned: Planned, drift: DriftReport, unproven: Sequence[Unproven], now: datetime) -> Mapping[str, object]:
    """For programs: what `standing` has in words, each fact a member of its own."""
    live, plan, git = planned.live, planned.plan, planned.project.git
    server, last = live.server, _last(live.ledger)
    applied = {"at": last[0].isoformat(), "by": last[1], "commit": _applied_commit(live.ledger)} if last else None
    return {
        "target": {"url": server.url, "tenant": server.tenant, "version": server.version, "edition": server.edition},
        "git": {"commit": git.commit, "branch": git.branch, "dirty": git.dirty} if git is not None else None,
        "lastApply": applied,
        "lockState": lock_state(live.lock, now),
        "heldBy": lock_members(live.lock) if live.lock is not None and not live.lock.released else None,
        "drifted": [one.drift.key.address for one in drift.objects],
        "unprovenFlows": [
            {"target": one.target, "flow": str(one.flow) if one.flow is not None else None, "reasons": one.reasons}
            for one in unproven
        ],
        "refused": [members(one) for one in plan.refusals],
    }


def _last(ledger: Ledger | None) -> tuple[datetime, str] | None:
    """When the last apply was, and whose; of a ledger that does not say it the newest entry does."""
    if ledger is None:
        return None
    if ledger.applied_at is not None and ledger.applied_by is not None:
        return ledger.applied_at, ledger.applied_by
    newest = max(ledger.entries.values(), key=lambda entry: entry.at, default=None)
    return (newest.at, newest.by) if newest is not None else None


def _applied_commit(ledger: Ledger | None) -> str | None:
    return ledger.git_commit if ledger is not None else None


def lock_state(lock: Lock | None, now: datetime) -> str:
    """`free`, `held`, `expired`, or `left_behind` by a process of this machine that is gone."""
    if lock is None or lock.released:
        return "free"
    if is_gone(lock.process):
        return "left_behind"
    return "expired" if lock.expires_at < now else "held"


def show_standing(console: Console, found: Mapping[str, object]) -> None:
    """Print it as lines; of a long list its beginning and how many more there are, unless all is asked for."""
    for name, value in found.items():
        if value is not None and value != []:
            lines = value if isinstance(value, list) else [value]
            for line in lines if console.verbose else _folded(lines):
                console.show(f"{name + ':':<13}{line}")


def _folded(lines: list[object]) -> list[object]:
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[:_MOST_LINES], f"and {len(lines) - _MOST_LINES} more (--verbose shows all)"]


def standing_json(found: Mapping[str, object], more: Mapping[str, object]) -> str:
    """Both as one JSON document."""
    import json

    return json.dumps({"format": "1.0", "kind": "status", **found, **more}, ensure_ascii=False, indent=2)
