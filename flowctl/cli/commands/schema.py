"""`flowctl schema`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options


@click.command("schema")
@click.argument("what", type=click.Choice(["flow", "environment"]), default="flow")
@click.option("--dialect", type=click.Choice(["2.0", "1.3", "lenient"]), default="lenient", show_default=True)
@common_options
@click.pass_obj
def command(console: Console, what: str, dialect: str) -> None:
    """Print the JSON Schema of flows, or of environment files, for editors."""
    from importlib.resources import files

    if what == "environment":
        console.show((files("flowctl") / "schemas" / "environment.json").read_text(encoding="utf-8"))
        return
    import json

    from flowctl.language.schema import flow_schema

    console.show(json.dumps(flow_schema(dialect), indent=2))  # type: ignore[arg-type]  # click allows no other dialect
