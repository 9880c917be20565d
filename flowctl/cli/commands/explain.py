"""`flowctl explain`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_code
from flowctl.cli.console import Console
from flowctl.cli.options import common_options


@click.command("explain")
@click.argument("code", required=False, shell_complete=complete_code)
@common_options
@click.pass_obj
def command(console: Console, code: str | None) -> None:
    """Print the page of an error code, or the list of all codes."""
    from flowctl.cli.pages import all_pages, read_page

    if code is None:
        console.show("".join(f"{page.code:<6}{page.summary}\n" for page in all_pages()))
    else:
        console.show(read_page(code).text)
