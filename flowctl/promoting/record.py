"""The small record of promotions in Git: `promotions/TARGET.json`, one entry for each flow, the last one counts."""

from __future__ import annotations

import json

from flowctl.model.promotion import PromotedFlow, Promotion

FORMAT = "1.0"


def record_path(target: str) -> str:
    """Where the record of an environment is, relative to the workspace."""
    return f"promotions/{target}.json"


def recorded(promotion: Promotion, before: str | None) -> str:
    """The record with this promotion in it; `before` is the text of the one that is there.

    Entries are sorted by flow, so that two promotions of different flows merge. A record that cannot be read is
    begun anew: it is evidence, nothing depends on it.
    """
    flows = _entries(before)
    flows |= {str(flow.target): _entry(flow, promotion) for flow in promotion.flows if flow.goes}
    return json.dumps({"format": FORMAT, "flows": dict(sorted(flows.items()))}, indent=2, ensure_ascii=False) + "\n"


def _entries(text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text) if text is not None else {}
    except ValueError:
        return {}
    flows = found.get("flows") if isinstance(found, dict) else None
    return flows if isinstance(flows, dict) else {}


def _entry(flow: PromotedFlow, promotion: Promotion) -> dict[str, object]:
    evidence = flow.evidence
    found: dict[str, object] = {
        "from": f"{promotion.source}:{flow.source}",
        "promoted_at": promotion.decided_at.isoformat(timespec="seconds"),
        "source_commit": promotion.commit,
        "digest": flow.digest,
    }
    if evidence is not None:
        found |= {
            "source_revision": evidence.revision,
            "source_digest": evidence.digest,
            "deployed_at": evidence.deployed_at.isoformat(timespec="seconds") if evidence.deployed_at else None,
            "runs": {"green": evidence.green, "failed": evidence.failed, "other": evidence.other},
            "executions": list(evidence.examples),
        }
    if flow.allowed is not None:
        found["allowed_unproven"] = {"reason": flow.allowed, "against": list(flow.reasons)}
    return found
