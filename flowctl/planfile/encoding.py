"""A plan as JSON data: plain dicts and lists, nothing left out but what is at its default."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.live import Verdict
from flowctl.model.plan import Change, Content, Counts, Drift, FieldChange, Plan
from flowctl.model.project import GitStamp
from flowctl.planfile.impacts import encode_impact

Json = dict[str, Any]  # JSON members are of any type
_DATA = "data"


def encode_plan(plan: Plan) -> Json:
    """The members of a plan. What a change depends on is written as indices into `changes`."""
    index = {change.key: number for number, change in enumerate(plan.changes)}
    return {
        "id": plan.id,
        "environment": plan.environment,
        "namespace": plan.namespace,
        "server": _server(plan),
        "createdAt": _time(plan.created_at),
        "flowctlVersion": plan.flowctl_version,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "policyDigest": plan.policy_digest,
        "git": _plain(plan.git) if plan.git is not None else None,
        "changes": [_change(change, index) for change in plan.changes],
        "drift": [_drift(drift) for drift in plan.drift],
        "unmanaged": [key.address for key in plan.unmanaged],
        "rebuilt": [key.address for key in plan.rebuilt],
        "counts": encode_counts(plan.counts),
        "refusals": [encode_diagnostic(one) for one in plan.refusals],
        "warnings": [encode_diagnostic(one) for one in plan.warnings],
        **({"quietWindow": plan.quiet_window} if plan.quiet_window is not None else {}),
    }


def _server(plan: Plan) -> Json:
    server = plan.server
    return {
        "url": server.url,
        "tenant": server.tenant,
        "id": server.id,
        "version": server.version,
        "edition": server.edition,
        "capabilities": _plain(server.capabilities),
    }


def _change(change: Change, index: Mapping[ObjectKey, int]) -> Json:
    return _sparse(
        {
            "action": change.action.value,
            "object": change.key.address,
            "reason": change.reason,
            "level": change.level,
            "extent": change.extent.value,
            "path": change.path,
            "before": _content(change.before),
            "after": _content(change.after),
            "fields": [encode_field(field) for field in change.fields],
            "movedFrom": _address(change.moved_from),
            "movedTo": _address(change.moved_to),
            "notes": [encode_diagnostic(note) for note in change.notes],
            "verdict": _verdict(change.verdict),
            "dependsOn": [index.get(key, key.address) for key in change.depends_on],
            "impact": encode_impact(change.impact),
            "held": change.hold or None,
            "drain": change.drain or None,
            "calledBy": [key.address for key in change.called_by],
            "keptOff": change.kept_off,
        }
    )


def _content(content: Content | None) -> Json | None:
    if content is None:
        return None
    found = {
        **{field.name: getattr(content, field.name) for field in fields(content)},
        "hidden": [list(span) for span in content.hidden],
    }
    if content.data is not None:
        found[_DATA] = base64.b64encode(content.data).decode("ascii")
    sparse = _sparse(found)
    if content.value is not None:
        sparse["value"] = content.value
    return sparse


def encode_field(field: FieldChange) -> Json:
    """One place that differs. `before` and `after` are there even when null, but for what was added or removed."""
    found: Json = {"place": field.place, "op": field.op}
    if field.op != "add":
        found["before"] = field.before
    if field.op != "remove":
        found["after"] = field.after
    return found


def _drift(drift: Drift) -> Json:
    return _sparse(
        {
            "object": drift.key.address,
            "kind": drift.kind,
            "appliedDigest": drift.applied_digest,
            "liveDigest": drift.live_digest,
            "appliedRevision": drift.applied_revision,
            "liveRevision": drift.live_revision,
            "fields": [encode_field(field) for field in drift.fields],
            "appliedCommit": drift.applied_commit,
            "appliedBy": drift.applied_by,
            "appliedAt": _time(drift.applied_at),
            "changedAt": _time(drift.changed_at),
        }
    )


def _verdict(verdict: Verdict | None) -> Json | None:
    if verdict is None:
        return None
    said = {name: list(getattr(verdict, name)) for name in ("constraints", "warnings", "deprecations", "infos")}
    return {"flow": verdict.key.address, **_sparse(said)}


def encode_counts(counts: Counts) -> Json:
    """The numbers of the summary line that no list gives."""
    return {
        "unchanged": counts.unchanged,
        "unmanaged": counts.unmanaged,
        "ignored": counts.ignored,
        "notSelected": counts.not_selected,
    }


def encode_diagnostic(diagnostic: Diagnostic) -> Json:
    """One problem."""
    found = _sparse(_plain(diagnostic))
    return {name: value for name, value in found.items() if value != "" or name not in ("detail", "hint")}


def _plain(value: Diagnostic | Counts | GitStamp | Any) -> Json:  # any frozen dataclass of scalars
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _sparse(found: Json) -> Json:
    """Without members that are null or an empty list."""
    return {name: value for name, value in found.items() if value is not None and value != []}


def _address(key: ObjectKey | None) -> str | None:
    return key.address if key is not None else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
