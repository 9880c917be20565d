"""`flowctl explain`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_code
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("explain")
@click.argument("code", required=False, shell_complete=complete_code)
@json_option()
@common_options
@click.pass_obj
def command(console: Console, code: str | None, as_json: bool) -> None:
    """Print the page of an error code, or the list of all codes."""
    import json
    from dataclasses import asdict

    from flowctl.cli.pages import all_pages, read_page

    if code is not None:
        page = read_page(code)
        console.show(json.dumps({"format": "1.0", **asdict(page)}) if as_json else page.text)
    elif as_json:
        codes = [{"code": page.code, "summary": page.summary} for page in all_pages()]
        console.show(json.dumps({"format": "1.0", "codes": codes}))
    else:
        console.show("".join(f"{page.code:<6}{page.summary}\n" for page in all_pages()))
