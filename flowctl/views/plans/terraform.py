"""A plan in the shape of `terraform show -json`, so that policies written for Terraform plans can read it.

What such policies look at is there: `format_version`, `resource_changes` and `resource_drift`.
"""

from __future__ import annotations

import json

from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.plan import Action, Change, Content, Drift, Plan
from flowctl.views.text_diff import masked_text

FORMAT = "1.2"
PROVIDER = "registry.terraform.io/kestra-io/kestra"
Json = dict[str, object]
_TYPES = {"flow": "kestra_flow", "file": "kestra_namespace_file", "kv": "kestra_kv"}
_ACTIONS = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.DELETE: ["delete"],
    Action.ADOPT: ["no-op"],
    Action.FORGET: ["forget"],
}


def terraform_json(plan: Plan) -> str:
    """The plan as a JSON document that a reader of Terraform plans understands."""
    return json.dumps(_document(plan), ensure_ascii=False, indent=2) + "\n"


def _document(plan: Plan) -> Json:
    return {
        "format_version": FORMAT,
        "terraform_version": f"flowctl-{plan.flowctl_version}",
        "variables": {"environment": {"value": plan.environment}, "namespace": {"value": plan.namespace}},
        "resource_drift": [_drift(drift) for drift in plan.drift],
        "resource_changes": [_change(change) for change in plan.changes],
        "output_changes": {},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": _prior(plan)}}},
        "checks": [],
        "timestamp": plan.created_at.isoformat(),
        "applyable": not plan.refusals and not plan.empty,
        "complete": plan.counts.not_selected == 0,
        "errored": bool(plan.refusals),
    }


def address(key: ObjectKey) -> str:
    """`flow.NS.ID`, `namespace_file.NS:/path`, `kv.NS:KEY`."""
    if isinstance(key, FlowKey):
        return f"flow.{key.namespace}.{key.id}"
    return f"namespace_file.{key}" if isinstance(key, FileKey) else f"kv.{key}"


def _resource(key: ObjectKey) -> Json:
    return {
        "address": address(key),
        "mode": "managed",
        "type": _TYPES[key.kind],
        "name": _name(key),
        "provider_name": PROVIDER,
    }


def _name(key: ObjectKey) -> str:
    return key.id if isinstance(key, FlowKey) else key.path if isinstance(key, FileKey) else key.key


def _change(change: Change) -> Json:
    found = _resource(change.key)
    if change.moved_from is not None:
        found["previous_address"] = address(change.moved_from)
    body: Json = {
        "actions": _ACTIONS[change.action],
        "before": _values(change.key, change.before),
        "after": None if change.action is Action.FORGET else _values(change.key, change.after),
        "after_unknown": {},
        "before_sensitive": _sensitive(change.before),
        "after_sensitive": _sensitive(change.after),
    }
    if change.action is Action.ADOPT:
        body["importing"] = {"id": str(change.key)}
    found["change"] = body
    if change.action is Action.DELETE:
        found["action_reason"] = "delete_because_no_resource_config"
    return found


def _values(key: ObjectKey, content: Content | None) -> Json | None:
    """The attributes of one side. Values of key-values are never there; secrets in flows are masked."""
    if content is None:
        return None
    found: Json = {"namespace": key.namespace}
    if isinstance(key, FlowKey):
        found |= {"flow_id": key.id, "content": masked_text(content), "revision": content.revision}
    elif isinstance(key, FileKey):
        found |= {"filename": key.path, "content_sha256": content.digest, "size": content.size}
    else:
        found |= {"key": key.key, "type": content.type, "value": None, "value_env": content.env}
    return found


def _sensitive(content: Content | None) -> object:
    """Which attributes a reader may not show; `false` for a side that is not there."""
    if content is None:
        return False
    if content.source is not None:
        return {"content": True} if content.hidden else {}
    return {"value": True} if content.type is not None else {}


def _drift(drift: Drift) -> Json:
    found = _resource(drift.key)
    before: Json = {
        "namespace": drift.key.namespace,
        "digest": drift.applied_digest,
        "revision": drift.applied_revision,
    }
    after: Json = {"namespace": drift.key.namespace, "digest": drift.live_digest, "revision": drift.live_revision}
    gone = drift.kind == "deleted"
    found["change"] = {
        "actions": ["delete"] if gone else ["update"],
        "before": before,
        "after": None if gone else after,
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": False if gone else {},
    }
    return found


def _prior(plan: Plan) -> list[Json]:
    """What the server has of the objects in the plan."""
    changes = [change for change in plan.changes if change.before is not None]
    return [_resource(change.key) | {"values": _values(change.key, change.before)} for change in changes]
