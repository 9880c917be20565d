"""A policy written for Terraform plans reads ours: a real Rego interpreter lets one plan pass and stops others."""

from __future__ import annotations

import json
from pathlib import Path

from regopy import Interpreter

from flowctl.model.plan import Plan
from flowctl.planning.request import PlanOptions
from flowctl.views.plans.terraform import terraform_json
from tests.planning.sample import flow, plan
from tests.views.plans import full_plan

POLICY = Path(__file__).parent / "policies" / "deploy.rego"
SCHEDULE = 'triggers:\n  - id: tick\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: "{cron}"'
EVERY_MINUTE, EVERY_SECOND = SCHEDULE.format(cron="* * * * *"), SCHEDULE.format(cron="*/5 * * * * *")


def denied(made: Plan) -> list[str]:
    """What the policy has against a plan."""
    interpreter = Interpreter()
    interpreter.add_module("deploy.rego", POLICY.read_text())
    interpreter.set_input(json.loads(terraform_json(made)))
    answer = json.loads(str(interpreter.query("data.main.deny")))
    found: list[str] = answer["expressions"][0]
    return sorted(found)


def test_a_plan_within_the_policy_passes() -> None:
    key, text = flow("dev", "tick", "x", extra=EVERY_MINUTE)
    assert denied(plan({key: text}, {})) == []


def test_a_schedule_that_is_too_tight_is_stopped() -> None:
    key, text = flow("dev", "tick", "x", extra=EVERY_SECOND)
    assert denied(plan({key: text}, {})) == ["flow.dev.tick: tick runs more often than once a minute"]


def test_the_delete_of_a_protected_flow_is_stopped() -> None:
    assert denied(full_plan()) == ["flow.dev.legacy is protected and must not be deleted"]


def test_the_delete_of_another_flow_passes() -> None:
    key, text = flow("dev", "sandbox")
    assert denied(plan({}, {key: text}, {key: text}, options=PlanOptions(allow_empty=True))) == []
