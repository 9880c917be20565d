"""Plans of flows given as text, and what their hazards say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, KvKey, ObjectKey
from flowctl.model.plan import Change, Plan
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanOptions
from tests.planning.sample import NOW, environment, ledger, live, request

FREE = PlanOptions(adopt_all=True, max_deletes="100%", allow_empty=True)
Texts = Mapping[FlowKey, str]


def key(name: str, namespace: str = "dev") -> FlowKey:
    """A flow of the environment `dev`."""
    return FlowKey(namespace, name)


def text(name: str, rest: str = "", namespace: str = "dev", tasks: str = "") -> str:
    """A flow: its head, any members, and tasks (one Log unless given)."""
    tasks = tasks or "  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"
    return f"id: {name}\nnamespace: {namespace}\n{rest}tasks:\n{tasks}"


def subflow(child: str, namespace: str = "dev", more: str = "") -> str:
    """A task that calls another flow."""
    return (
        f"  - id: call\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {namespace}\n"
        f"    flowId: {child}\n{more}"
    )


def schedule(cron: str, name: str = "daily", more: str = "") -> str:
    """A member `triggers` with one Schedule."""
    return f"triggers:\n  - id: {name}\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '{cron}'\n{more}"


def made(
    after: Mapping[ObjectKey, Any],
    before: Mapping[ObjectKey, Any] | None = None,
    *,
    levels: Mapping[str, str] | None = None,
    now: datetime = NOW,
    **state: Any,
) -> Plan:
    """The plan from what was applied to what the files say. `levels` are `policy.hazards`, `state` is more of the
    live state (`triggers`, `executions`, `secrets`, `calls` …)."""
    existing = before or {}
    live_state = live(existing, ledger=ledger(existing), **state)
    asked = request(after, existing, env=environment(hazards=levels or {}), options=FREE, state=live_state)
    return build_plan(replace(asked, now=now))


def said(plan: Plan, code: str) -> list[Diagnostic]:
    """Everything a plan says under a code, wherever."""
    notes = [note for change in plan.changes for note in change.notes]
    return [one for one in (*plan.refusals, *plan.warnings, *notes) if one.code == code]


def one(plan: Plan, code: str) -> Diagnostic:
    """The only thing a plan says under a code."""
    found = said(plan, code)
    assert len(found) == 1, [(note.code, note.summary) for note in found]
    return found[0]


def refused(plan: Plan) -> set[str]:
    """Codes of the refusals."""
    return {refusal.code for refusal in plan.refusals}


def change(plan: Plan, name: str) -> Change:
    """The change of a flow of `dev`."""
    return next(change for change in plan.changes if change.key == key(name))


def value(name: str) -> KvKey:
    """A key-value of the namespace."""
    return KvKey("dev", name)
