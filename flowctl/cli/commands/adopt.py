"""`flowctl adopt`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_environment, complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("adopt")
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("keys", metavar="KEY...", nargs=-1, shell_complete=complete_flow)
@click.option("--all", "every", is_flag=True, help="Everything that has a file.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@json_option("Print events and the result as JSON, one object a line.")
@common_options
@click.pass_obj
def command(
    console: Console, environment: str, keys: tuple[str, ...], every: bool, auto_approve: bool, as_json: bool
) -> int:
    """Take over objects of the server that flowctl did not deploy.

    KEY is NS/ID of a flow or an address as plans print it; globs are allowed. Each needs a file: what the server has
    becomes what the file says, after you have seen the difference. Nothing else is applied.
    """
    from flowctl.cli.plans.adopting import adopt_objects
    from flowctl.cli.plans.applying import ApplyStyle

    return adopt_objects(console, environment, keys, ApplyStyle(auto_approve=auto_approve), every=every)
