"""A plan for programs."""

from __future__ import annotations

import json

from flowctl.model.plan import Plan
from flowctl.views.plans.members import plan_members


def plan_json(plan: Plan) -> str:
    """The plan as one JSON document (docs/plan-format.md); secrets are masked, raw texts are differences only."""
    return json.dumps(plan_members(plan), ensure_ascii=False, indent=2) + "\n"
