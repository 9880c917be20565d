"""`flowctl version`."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("version")
@json_option()
@common_options
@click.pass_obj
def command(console: Console, as_json: bool) -> None:
    """Print the version of flowctl and of Python."""
    import platform

    from flowctl import __version__

    if as_json:
        import json

        console.show(json.dumps({"format": "1.0", "flowctl": __version__, "python": platform.python_version()}))
    else:
        console.show(f"flowctl {__version__} (Python {platform.python_version()})")
