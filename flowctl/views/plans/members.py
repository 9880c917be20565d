"""A plan as JSON data for readers: no raw texts, nothing secret. The plan file is another thing (`planfile`)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.model.keys import ObjectKey
from flowctl.model.plan import Action, Change, Content, Drift, FieldChange, Plan
from flowctl.views.diagnostics import members
from flowctl.views.plans.impact import impact_members, runs_a_day
from flowctl.views.text_diff import unified

FORMAT = "1.0"
Json = dict[str, object]


def plan_members(plan: Plan) -> Json:
    """Everything a reader may see of a plan."""
    return {
        "format": FORMAT,
        "kind": "plan",
        "id": plan.id,
        "environment": plan.environment,
        "namespace": plan.namespace,
        "createdAt": plan.created_at.isoformat(),
        "flowctlVersion": plan.flowctl_version,
        "server": {"url": plan.server.url, "tenant": plan.server.tenant, "version": plan.server.version},
        "git": _git(plan),
        "empty": plan.empty,
        "summary": summary(plan),
        "runsADay": round(runs_a_day(plan), 3),
        "changes": [change_members(change, plan) for change in plan.changes],
        "drift": [drift_members(drift) for drift in plan.drift],
        "unmanaged": [key.address for key in plan.unmanaged],
        "refusals": [members(one) for one in plan.refusals],
        "warnings": [members(one) for one in plan.warnings],
    }


def summary(plan: Plan) -> dict[str, int]:
    """The numbers of the summary line."""
    return {
        "adopt": plan.count(Action.ADOPT),
        "add": plan.count(Action.CREATE),
        "change": plan.count(Action.UPDATE),
        "delete": plan.count(Action.DELETE),
        "forget": plan.count(Action.FORGET),
        "unchanged": plan.counts.unchanged,
        "unmanaged": plan.counts.unmanaged,
        "ignored": plan.counts.ignored,
        "notSelected": plan.counts.not_selected,
    }


def _git(plan: Plan) -> Json | None:
    if plan.git is None:
        return None
    return {"commit": plan.git.commit, "branch": plan.git.branch, "dirty": plan.git.dirty}


def change_members(change: Change, plan: Plan) -> Json:
    """One change, with the masked difference of its text."""
    found: Json = {
        "action": change.action.value,
        "object": change.key.address,
        "reason": change.reason,
        "level": change.level,
        "extent": change.extent.value,
        "path": change.path,
        "before": _content(change.before),
        "after": _content(change.after),
        "fields": [field_members(field) for field in change.fields],
        "movedFrom": _address(change.moved_from),
        "movedTo": _address(change.moved_to),
        "dependsOn": [key.address for key in change.depends_on],
        "notes": [members(note) for note in change.notes],
        "impact": impact_members(change.impact) or None,
        "held": change.hold or None,
        "diff": unified(change, plan),
    }
    return {name: value for name, value in found.items() if value is not None and value != []}


def _content(content: Content | None) -> Json | None:
    if content is None:
        return None
    found: Mapping[str, object] = {
        "digest": content.digest,
        "revision": content.revision,
        "type": content.type,
        "env": content.env,
        "ttl": content.ttl,
        "size": content.size,
    }
    return {name: value for name, value in found.items() if value is not None}


def field_members(field: FieldChange) -> Json:
    """One place that differs."""
    found: Json = {"place": field.place, "op": field.op}
    if field.op != "add":
        found["before"] = field.before
    if field.op != "remove":
        found["after"] = field.after
    return found


def drift_members(drift: Drift) -> Json:
    """One object that was changed on the server."""
    found: Json = {
        "object": drift.key.address,
        "kind": drift.kind,
        "appliedDigest": drift.applied_digest,
        "liveDigest": drift.live_digest,
        "appliedRevision": drift.applied_revision,
        "liveRevision": drift.live_revision,
        "appliedCommit": drift.applied_commit,
        "appliedBy": drift.applied_by,
        "appliedAt": drift.applied_at.isoformat() if drift.applied_at else None,
        "changedAt": drift.changed_at.isoformat() if drift.changed_at else None,
        "fields": [field_members(field) for field in drift.fields],
    }
    return {name: value for name, value in found.items() if value is not None and value != []}


def _address(key: ObjectKey | None) -> str | None:
    return key.address if key is not None else None
