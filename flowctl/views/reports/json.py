"""How an apply ended, for programs."""

from __future__ import annotations

import json

from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.views.diagnostics import members

FORMAT = "1.0"


def report_json(report: ApplyReport) -> str:
    """The report as one JSON document; every planned object is there exactly once."""
    return json.dumps(report_members(report), ensure_ascii=False, indent=2) + "\n"


def report_members(report: ApplyReport) -> dict[str, object]:
    """The report as JSON data."""
    return {
        "format": FORMAT,
        "kind": "apply-report",
        "planId": report.plan_id,
        "ok": report.ok,
        "interrupted": report.interrupted,
        "serial": report.serial,
        "summary": {outcome.value: report.count(outcome) for outcome in Outcome},
        "results": [result_members(result) for result in report.results],
        "problems": [members(problem) for problem in report.problems],
    }


def result_members(result: Result) -> dict[str, object]:
    """One object's end."""
    found: dict[str, object] = {
        "object": result.key.address,
        "action": result.action.value,
        "outcome": result.outcome.value,
        "revisionBefore": result.revision_before,
        "revisionAfter": result.revision_after,
        "seconds": round(result.seconds, 3),
        "error": members(result.error) if result.error is not None else None,
    }
    return {name: value for name, value in found.items() if value is not None}
