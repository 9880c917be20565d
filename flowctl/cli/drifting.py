"""From a plan to its drift with both texts of each object: what `drift` and `status` have in common."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.cli.connecting import connect_to
from flowctl.cli.console import Console
from flowctl.cli.plans.freshness import content_now, flow_content
from flowctl.cli.plans.prepare import Planned, Wishes, make_plan
from flowctl.errors import UsageError
from flowctl.loading.workspace import Workspace
from flowctl.model.drifting import DriftedObject, DriftReport
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Content, Drift
from flowctl.remote.port import Server


def find_drift(console: Console, workspace: Workspace, environment: Environment, wishes: Wishes) -> DriftReport:
    """What was changed on the server since it was applied, read and compared now."""
    planned = make_plan(console, workspace, environment, wishes, lambda: connect_to(workspace, environment, console))
    return drift_report(planned)


def drift_report(planned: Planned) -> DriftReport:
    """The drift that a plan found, with the texts of both sides; one request for the live texts of all flows, one
    more for each flow whose applied text is no longer that of its file."""
    plan, live, server = planned.plan, planned.live, planned.server
    flows = [drift.key for drift in plan.drift if isinstance(drift.key, FlowKey) and drift.key in live.flows]
    sources = server.read_sources(flows) if flows else {}
    drifted = {drift.key for drift in plan.drift}
    return DriftReport(
        plan.environment,
        plan.server,
        plan.created_at,
        tuple(_with_sides(drift, planned, sources) for drift in plan.drift),
        ignored=plan.counts.ignored,
        pending=sum(change.key not in drifted for change in plan.changes),
        unmanaged=plan.counts.unmanaged,
    )


def _with_sides(drift: Drift, planned: Planned, sources: Mapping[FlowKey, str]) -> DriftedObject:
    now = content_now(drift.key, planned.live, sources)
    return DriftedObject(drift, applied_content(drift, planned), now)


def applied_content(drift: Drift, planned: Planned) -> Content | None:
    """A flow as it was applied: its file's text when that is still the one, else the server's revision of it.

    None for other objects, and when the server keeps that revision no longer.
    """
    if not isinstance(drift.key, FlowKey):
        return Content(drift.applied_digest, drift.applied_revision)
    flow = planned.project.flows.get(drift.key)
    if flow is not None and flow.digest == drift.applied_digest:
        return flow_content(flow.digest, drift.applied_revision, flow.source)
    source = _kept_text(planned.server, drift.key, drift.applied_digest)
    return flow_content(drift.applied_digest, drift.applied_revision, source) if source is not None else None


def _kept_text(server: Server, key: FlowKey, digest: str) -> str | None:
    return next((one.source for one in server.read_revisions(key) if one.digest == digest), None)


def show_drift(console: Console, report: DriftReport, *, markdown: bool = False) -> None:
    """Print a drift report as text, JSON or Markdown.

    Raises:
        UsageError: C105, two of them at once.
    """
    from flowctl.views.drift import drift_json, drift_markdown, drift_text

    if console.json and markdown:
        raise UsageError.of("C105", "--json and --markdown exclude each other", hint="give one of them")
    if console.json:
        console.show(drift_json(report))
    elif markdown:
        console.show(drift_markdown(report))
    else:
        console.show(drift_text(report, colour=console.colour))
