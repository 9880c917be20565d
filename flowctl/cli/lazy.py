"""A command group that imports a command's module only when that command runs.

`flowctl --help` shows names and one line each from the table below, so it costs no more than click itself.
"""

from __future__ import annotations

from importlib import import_module

import click

from flowctl.cli.examples import with_examples

PACKAGE = "flowctl.cli.commands"

SECTIONS: dict[str, dict[str, str]] = {
    "Deploy": {
        "init": "Create environments and a first flow in this directory.",
        "validate": "Check the files of one environment, or of all.",
        "plan": "Show what apply would do.",
        "apply": "Make the server hold what the files say.",
        "show": "Show a saved plan, or a flow on the server.",
        "adopt": "Take over objects that flowctl did not deploy.",
        "drift": "Show what was changed on the server since the last apply.",
        "pull": "Take edits made on the server into the files.",
        "status": "Show commit, serial, lock and drift of an environment.",
        "history": "List what past applies did.",
        "rollback": "Go back to an earlier apply or commit.",
        "promote": "Bring flows that are proven in one environment to another.",
        "move": "Bring an environment to another server.",
        "unlock": "Release a lock that an apply left behind.",
    },
    "Run": {
        "run": "Start a deployed flow.",
        "logs": "Show the log of an execution.",
        "executions": "List, show, kill, restart, replay, pause, resume executions.",
        "triggers": "List triggers, switch them, catch up on the past.",
        "secrets": "Set, list and delete secrets, and change their key.",
        "server": "The bundled server: run, start, stop, status, logs.",
    },
    "Automate": {
        "ci": "Comments, issues and comparisons for CI jobs.",
    },
    "Look": {
        "doctor": "Check the way to a server, and what it allows.",
        "graph": "Draw flows and what they call.",
        "blame": "Show which apply or edit each line of a flow comes from.",
    },
    "Help": {
        "explain": "Print the page of an error code.",
        "schema": "Print the JSON Schema of flows, for editors.",
        "version": "Print the version.",
        "completion": "Print a completion script for a shell.",
    },
}
COMMANDS = {name: summary for section in SECTIONS.values() for name, summary in section.items()}


CALLED_OTHERWISE = {
    "destroy": "remove the files, and `apply --allow-empty --max-deletes 100%` deletes what they had deployed",
    "import": "`pull --all` writes what is on a server into files, `adopt` takes it over",
    "refresh": "every plan reads the server; `drift` shows what was changed there",
    "state": "`status --objects` lists what is owned, `apply --forget` hands it over",
    "workspace": "an environment is a file environments/NAME.yaml, which `init NAME` writes",
    "get": "`status --objects` lists flows, `show NS/ID` prints one",
    "flows": "`status --objects` lists them, `show NS/ID` prints one",
    "kv": "key-values stand in `_kv.yaml` beside the flows, and `apply` writes them",
}
"""What people type who come from Terraform or from other clients of Kestra."""


class LazyGroup(click.Group):
    """Commands are named in `COMMANDS` and live in `flowctl.cli.commands.NAME`, as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"{PACKAGE}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return with_examples(cmd_name, command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of its options that names no command is its own."""
        try:
            return super().invoke(ctx)
        except click.UsageError as problem:
            command = self.get_command(ctx, ctx.invoked_subcommand or "") if problem.ctx is None else None
            if command is not None:
                problem.ctx = click.Context(command, info_name=ctx.invoked_subcommand, parent=ctx)
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(unknown_command(name))
        return super().resolve_command(ctx, args)


def unknown_command(name: str) -> str:
    """The message for a command that does not exist, with the nearest one that does."""
    from difflib import get_close_matches

    if name in CALLED_OTHERWISE:
        return f"There is no command {name!r}: {CALLED_OTHERWISE[name]}."
    near = get_close_matches(name, COMMANDS, n=1)
    return f"There is no command {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
