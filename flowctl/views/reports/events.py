"""The events of an apply as JSON, one object per line, in the manner of `terraform apply -json`.

Every line has `@level`, `@message`, `@module`, `@timestamp` and `type`. A reader passes over types and members that it
does not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.plan import Change, Plan
from flowctl.model.progress import Progress, Step
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.views.diagnostics import members
from flowctl.views.plans import wording
from flowctl.views.plans.members import summary
from flowctl.views.reports.json import report_members, result_members
from flowctl.views.reports.text import finished_line

FORMAT = "1.0"
MODULE = "flowctl"


def _line(now: datetime, kind: str, message: str, level: str = "info", **more: object) -> str:
    return _with(now, kind, message, level, more)


def _with(now: datetime, kind: str, message: str, level: str, more: Mapping[str, object]) -> str:
    head = {"@level": level, "@message": message, "@module": MODULE, "@timestamp": now.isoformat(), "type": kind}
    return json.dumps({**head, **more}, ensure_ascii=False)


def version_event(flowctl_version: str, now: datetime) -> str:
    """The first line: who speaks, and in which format."""
    return _line(now, "version", f"flowctl {flowctl_version}", flowctl=flowctl_version, format=FORMAT)


def planned_change_event(change: Change, now: datetime) -> str:
    """One change of the plan."""
    return _line(now, "planned_change", wording.headline(change), change=_change(change))


def _change(change: Change) -> dict[str, object]:
    found: dict[str, object] = {
        "object": change.key.address,
        "action": change.action.value,
        "reason": change.reason,
    }
    if change.moved_from is not None:
        found["movedFrom"] = change.moved_from.address
    return found


def plan_events(plan: Plan, flowctl_version: str, now: datetime) -> list[str]:
    """Everything that is known before the first write: version, planned changes, their sum, refusals."""
    return [
        version_event(flowctl_version, now),
        *(planned_change_event(change, now) for change in plan.changes),
        *(diagnostic_event(one, now) for one in (*plan.warnings, *plan.refusals)),
        _line(now, "change_summary", wording.summary(plan), changes=summary(plan) | {"operation": "plan"}),
    ]


def start_event(change: Change, now: datetime) -> str:
    """A write begins."""
    return _line(now, "apply_start", f"{change.key.address}: {change.action.value}", change=_change(change))


def finish_event(change: Change, result: Result, now: datetime) -> str:
    """A write ended: `apply_complete`, or `apply_errored` with the cause."""
    applied = result.outcome is Outcome.APPLIED
    return _line(
        now,
        "apply_complete" if applied else "apply_errored",
        finished_line(change, result),
        "info" if applied else "error",
        change=_change(change),
        result=result_members(result),
        elapsed_seconds=round(result.seconds, 3),
    )


def diagnostic_event(one: Diagnostic, now: datetime) -> str:
    """A problem or a remark."""
    level = {"error": "error", "warning": "warn", "info": "info"}[one.severity]
    return _line(now, "diagnostic", one.summary, level, diagnostic=members(one))


def progress_event(progress: Progress, now: datetime) -> str:
    """Whatever happens during an apply."""
    change, result = progress.change, progress.result
    if progress.step is Step.START and change is not None:
        return start_event(change, now)
    if progress.step is Step.FINISH and change is not None and result is not None:
        return finish_event(change, result, now)
    if progress.diagnostic is not None:
        return diagnostic_event(progress.diagnostic, now)
    more: dict[str, object] = {}
    if progress.lock is not None:
        more["lock"] = {"id": progress.lock.id, "owner": progress.lock.owner, "host": progress.lock.host}
    if change is not None:
        more["change"] = _change(change)
    if progress.why:
        more["why"] = progress.why
    return _with(now, progress.step.value, progress.step.value.replace("_", " "), "info", more)


def report_events(report: ApplyReport, now: datetime) -> list[str]:
    """The last lines: problems that belong to no object, and the sum."""
    return [
        *(diagnostic_event(one, now) for one in report.problems),
        _line(
            now,
            "change_summary",
            "apply complete" if report.ok else "apply incomplete",
            "info" if report.ok else "error",
            changes={outcome.value: report.count(outcome) for outcome in Outcome} | {"operation": "apply"},
            report=report_members(report),
        ),
    ]
