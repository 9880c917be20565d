"""`flowctl doctor`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option


@click.command("doctor")
@environment_argument
@json_option()
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, as_json: bool) -> int:
    """Check the way to ENV's server: files, credentials, proxy, TLS, version, clock, permissions, capabilities.

    Only reads. What cannot be found out without writing is called "not checkable". Exits 1 when a check failed.
    """
    from datetime import UTC, datetime

    from flowctl.cli.doctoring import examine, show_findings
    from flowctl.cli.workspace import here, open_environment

    workspace = here()
    target = open_environment(workspace, environment, console.environ)
    findings = examine(console, workspace, target, lambda: datetime.now(UTC))
    show_findings(console, target.name, findings)
    return 1 if any(finding.state == "failed" for finding in findings) else 0
