"""The target server's opinion of the changed flows, put where it belongs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import replace

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.live import Verdict
from flowctl.model.plan import Action, Change, Plan

_WRITES = (Action.CREATE, Action.UPDATE)
_NO_SUBFLOW = re.compile(r"subflow '(?P<id>[^']+)' not found in namespace '(?P<namespace>[^']+)'")


def to_validate(plan: Plan) -> tuple[tuple[FlowKey, str], ...]:
    """The flows that the target server should judge, with their new text: everything that would be written."""
    return tuple(
        (change.key, change.after.source)
        for change in plan.changes
        if isinstance(change.key, FlowKey)
        and change.action in _WRITES
        and change.after is not None
        and change.after.source is not None
    )


def attach_verdicts(plan: Plan, verdicts: Mapping[FlowKey, Verdict]) -> Plan:
    """The plan with the server's verdicts: constraints refuse, warnings and deprecations are notes of the change."""
    written = {change.key for change in plan.changes if change.action in _WRITES}
    changes = tuple(
        _with_verdict(change, _after_the_plan(verdicts[change.key], written))
        if isinstance(change.key, FlowKey) and change.key in verdicts
        else change
        for change in plan.changes
    )
    refused = [
        _refusal(change, constraint)
        for change in changes
        if change.verdict is not None
        for constraint in change.verdict.constraints
    ]
    kept = tuple(refusal for refusal in plan.refusals if refusal.code != "P106")
    return replace(plan, changes=changes, refusals=(*kept, *refused))


def _after_the_plan(verdict: Verdict, written: Set[ObjectKey]) -> Verdict:
    """A server judges a flow by what it has now, and misses subflows that the same plan creates."""
    warnings = tuple(text for text in verdict.warnings if _missing(text) not in written)
    return replace(verdict, warnings=warnings)


def _missing(warning: str) -> FlowKey | None:
    found = _NO_SUBFLOW.search(warning)
    return FlowKey(found["namespace"], found["id"]) if found is not None else None


def _with_verdict(change: Change, verdict: Verdict) -> Change:
    said = [
        *(_note(change, "P110", "warning", text) for text in verdict.warnings),
        *(_note(change, "P111", "warning", text) for text in verdict.deprecations),
        *(_note(change, "P112", "info", text) for text in verdict.infos),
    ]
    own = [note for note in change.notes if note.code not in ("P110", "P111", "P112")]
    return replace(change, verdict=verdict, notes=(*own, *said))


def _refusal(change: Change, constraint: str) -> Diagnostic:
    return Diagnostic(
        "P106",
        "error",
        f"the server refuses {change.key.address}",
        constraint.strip(),
        "correct the file and plan again",
        change.path,
        subject=change.key.address,
    )


def _note(change: Change, code: str, severity: str, text: str) -> Diagnostic:
    words = {"P110": "the server warns", "P111": "deprecated on this server", "P112": "the server says"}
    return Diagnostic(
        code,
        "info" if severity == "info" else "warning",
        f"{words[code]}: {text.strip()}",
        path=change.path,
        subject=change.key.address,
    )
