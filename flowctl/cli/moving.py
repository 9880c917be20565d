"""Moving an environment to another server, as one straight line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flowctl.cli.connecting import connect_to
from flowctl.cli.console import Console
from flowctl.cli.plans.applying import ApplyStyle, apply_options
from flowctl.cli.plans.prepare import Wishes, plan_project
from flowctl.cli.plans.showing import PlanStyle, render
from flowctl.cli.reading import read_live, read_project
from flowctl.cli.terminal.progress import reporter_for
from flowctl.cli.terminal.prompt import confirm
from flowctl.cli.terminal.stopping import stop_on_signals
from flowctl.cli.workspace import here, open_environment
from flowctl.errors import FlowctlError
from flowctl.loading.workspace import Workspace
from flowctl.model.live import LiveState
from flowctl.model.moving import Move, MoveReport, mark_of
from flowctl.model.report import ApplyReport
from flowctl.planning.moving import Side, build_move, carried_ledger
from flowctl.remote.port import Server


def move_environment(console: Console, source: str, target: str, *, auto_approve: bool, dry_run: bool) -> int:
    """Plan, show, ask, hand over; returns the exit code.

    Raises:
        FlowctlError: C113, not confirmed.
    """
    workspace = here()
    old_server, old = _side(console, workspace, source)
    new_server, new = _side(console, workspace, target, after=old.live)
    activity = old_server.read_activity(sorted(old.project.flows))
    move = build_move(old, new, activity, old_server.read_history(old.environment.namespace))
    _show(console, move)
    if move.refusals or move.done or dry_run:
        return 1 if move.refusals else 0
    if not auto_approve and not confirm(console, f"move {source} to {target}"):
        raise FlowctlError.of("C113", "not confirmed: nothing was moved", hint="only 'yes' in full is a yes")
    report = _hand_over(console, move, old_server, new_server, new)
    _show_report(console, move, report)
    return 0 if report.ok else 1


def _side(console: Console, workspace: Workspace, name: str, after: LiveState | None = None) -> tuple[Server, Side]:
    """One environment with its plan. The target's is made as if it had the ledger of the source, `after`, already."""
    environment = open_environment(workspace, name, console.environ)
    project = read_project(console, workspace, environment)
    server = connect_to(workspace, environment, console)
    live = read_live(console, environment, server)
    planned = live if mark_of(live.lock) is None else replace(live, lock=None)
    ledger = carried_ledger(after, live) if after is not None else None
    if ledger is not None:
        planned = replace(planned, ledger=ledger)
    plan = plan_project(console, workspace, project, planned, server, Wishes(resume_all=True)).plan
    return server, Side(environment, project, live, plan)


def _hand_over(console: Console, move: Move, source: Server, target: Server, new: Side) -> MoveReport:
    from flowctl.applying.apply import apply_plan
    from flowctl.applying.moving import HandOver

    options = apply_options(new.environment, ApplyStyle())
    reporter = reporter_for(console, lambda plan: None)

    def clock() -> datetime:
        return datetime.now(UTC)

    with stop_on_signals(console, new.environment.name) as stop:

        def apply() -> ApplyReport | None:
            if move.plan.empty:
                return None
            report = apply_plan(move.plan, target, options, reporter.event, clock, console.environ, stop)
            reporter.finished(move.plan, report)
            return report

        return HandOver(move, source, target, options, clock, lambda seconds: void(stop.wait(seconds))).run(apply)


def void(_: object) -> None:
    """Drop a value that says nothing here."""


def _show(console: Console, move: Move) -> None:
    if console.json:
        from flowctl.views.moving import move_json

        console.show(move_json(move))
        reporter_for(console, lambda plan: None).planned(move.plan)
        return
    from flowctl.views.moving import move_text

    console.show(move_text(move))
    if not move.plan.empty or move.refusals:
        console.show(render(move.plan, PlanStyle(), colour=console.colour, every=console.verbose))


def _show_report(console: Console, move: Move, report: MoveReport) -> None:
    from flowctl.views.moving import report_json, report_text

    console.show(report_json(move, report) if console.json else report_text(move, report))
