"""`flowctl graph`."""

from __future__ import annotations

import click

from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_argument, json_option


@click.command("graph")
@environment_argument
@click.argument("flow", metavar="[NS/ID]", required=False, shell_complete=complete_flow)
@click.option("--format", "shape", type=click.Choice(["text", "mermaid", "svg"]), default="text", show_default=True)
@json_option("Print flows and edges as JSON.")
@common_options
@click.pass_obj
def command(console: Console, /, environment: str | None, flow: str | None, shape: str, as_json: bool) -> None:
    """Draw the flows of ENV's files and what they set off: subflows and flow triggers.

    With NS/ID only what sets this flow off or is set off by it, at any depth. No server is asked.
    """
    from flowctl.cli.drawing import flow_graph
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.reading import read_project
    from flowctl.cli.workspace import here, open_environment
    from flowctl.errors import UsageError
    from flowctl.views.graphs.flows import graph_json, graph_mermaid, graph_text
    from flowctl.views.graphs.svg import graph_svg

    if as_json and shape != "text":
        raise UsageError.of("C105", "--json and --format exclude each other", hint="give one of them")
    named, only = parse_address(flow) if flow is not None else (None, None)
    workspace = here()
    target = open_environment(workspace, which_environment(named, environment), console.environ)
    graph = flow_graph(read_project(console, workspace, target), only)
    shapes = {"text": graph_text, "mermaid": graph_mermaid, "svg": graph_svg, "json": graph_json}
    console.show(shapes["json" if as_json else shape](graph))
