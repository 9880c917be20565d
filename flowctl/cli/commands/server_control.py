"""`flowctl server start|stop|status|logs`: the server in the background."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option


@click.command("start")
@json_option()
@common_options
@click.pass_obj
def start(console: Console, as_json: bool) -> None:
    """Start the server in the background, unless it runs already."""
    from dataclasses import asdict

    from flowctl.cli.background.dialects import dialect_note
    from flowctl.cli.background.start import ensure_running
    from flowctl.cli.concluding import conclude
    from flowctl.cli.workspace import here

    workspace = here()
    record, started = ensure_running(workspace.state_dir, console.say)
    there = f"The bundled server is running already on {record.url} (process {record.pid})."
    members = {"running": True, "begun": started, **asdict(record)}
    conclude(console, "server", members, *([] if started else [there]))
    if (note := dialect_note(record, workspace, console.environ)) is not None:
        console.say(note)


@click.command("stop")
@json_option()
@common_options
@click.pass_obj
def stop(console: Console, as_json: bool) -> None:
    """Stop the server in the background: it finishes what it has acknowledged, then ends."""
    from flowctl.cli.background.stop import Ending
    from flowctl.cli.background.stop import stop as end
    from flowctl.cli.concluding import conclude
    from flowctl.cli.workspace import here

    ending = end(here().state_dir)
    remark = {
        Ending.NOT_RUNNING: "The bundled server is not running.",
        Ending.GRACEFUL: "The bundled server has stopped.",
        Ending.KILLED: "The bundled server did not end in time and was killed; nothing it acknowledged is lost.",
    }
    word = {Ending.NOT_RUNNING: "not_running", Ending.GRACEFUL: "stopped", Ending.KILLED: "killed"}[ending]
    conclude(console, "server-stop", {"ending": word}, remark[ending])


@click.command("status")
@json_option()
@common_options
@click.pass_obj
def status(console: Console, as_json: bool) -> int:
    """Say whether the server runs, and where. Exit code 0 when it runs, 1 when not."""
    import json
    from dataclasses import asdict

    from flowctl.cli.background.locks import holder
    from flowctl.cli.background.start import find_running
    from flowctl.cli.workspace import here

    state_dir = here().state_dir
    record, pid = find_running(state_dir), holder(state_dir)
    if as_json:
        facts = {**asdict(record), "url": record.url} if record else {"pid": pid} if pid else {}
        console.show(json.dumps({"format": "1.0", "kind": "server", "running": bool(facts), **facts}))
    elif record is None and pid is not None:
        lost = "but .flowctl/server.json does not say where"
        console.show(f"The bundled server runs (process {pid}), {lost}: `flowctl server stop` ends it.")
    elif record is None:
        console.show("The bundled server is not running.")
    else:
        console.show(f"The bundled server runs on {record.url} (process {record.pid}, since {record.started}).")
    return 0 if record is not None or pid is not None else 1


@click.command("logs")
@click.option("-n", "--lines", type=click.IntRange(min=1), default=100, show_default=True, help="How many lines.")
@common_options
@click.pass_obj
def logs(console: Console, lines: int) -> None:
    """Print the end of the background server's own log."""
    from flowctl.cli.background.start import log_tail
    from flowctl.cli.workspace import here

    text = log_tail(here().state_dir, lines)
    if text:
        console.show(text)
    else:
        console.say("There is no log: the bundled server has not been started in the background here.")
