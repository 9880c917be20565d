"""`flowctl status`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option


@click.command("status")
@environment_argument
@click.option("--objects", is_flag=True, help="List all objects: revision, state, and the apply that wrote them.")
@json_option()
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, objects: bool, as_json: bool) -> None:
    """Show where ENV stands: server, commit, serial, lock, drift, what is not applied yet.

    Where another environment promotes from ENV, also the flows that differ there and are not proven here.
    With --objects a list of all that is there instead: what flowctl owns, what is to come, what is not managed.
    """
    from datetime import UTC, datetime

    from flowctl.cli.connecting import connect_to
    from flowctl.cli.drifting import drift_report
    from flowctl.cli.listing import COLUMNS, object_rows
    from flowctl.cli.operating.tables import show_rows
    from flowctl.cli.plans.prepare import Wishes, make_plan
    from flowctl.cli.standing import facts, show_standing, standing, standing_json
    from flowctl.cli.unproven import unproven_flows
    from flowctl.cli.workspace import here, open_environment

    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    wishes = Wishes(resume_all=True)
    planned = make_plan(console, workspace, target, wishes, lambda: connect_to(workspace, target, console))
    drift = drift_report(planned)
    if objects:
        show_rows(console, "objects", object_rows(planned, drift), COLUMNS)
        return
    unproven, now = unproven_flows(console, workspace, target.name), datetime.now(UTC)
    found = standing(planned, drift, unproven, now)
    if as_json:
        console.show(standing_json(found, facts(planned, drift, unproven, now)))
    else:
        show_standing(console, found)
