"""The composition root: the command group, and the one place where errors become output and exit codes."""

from __future__ import annotations

import sys

import click

from flowctl import __version__
from flowctl.cli.completing import complete_directory
from flowctl.cli.console import Console
from flowctl.cli.lazy import LazyGroup
from flowctl.cli.options import common_options

EPILOG = "Every refusal and error has a code: `flowctl explain CODE` prints its page."


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "--chdir", metavar="DIR", shell_complete=complete_directory, help="Work as if started in DIR.")
@click.version_option(__version__, message="flowctl %(version)s")
@common_options
@click.pass_context
def cli(context: click.Context, chdir: str | None) -> None:
    """Plan, apply and run workflow flows: Terraform's habits for YAML flows."""
    if chdir is not None:
        context.find_object(Console).enter(chdir)  # type: ignore[union-attr]  # main() always sets it


def main() -> None:
    """Run flowctl with the process's arguments and exit with the code of docs/exit-codes.md."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns its exit code. Everything that goes wrong is printed, nothing is raised."""
    console = Console.of_process()
    try:
        code = cli.main(arguments, prog_name="flowctl", standalone_mode=False, obj=console)
        console.flush()
    except BaseException as problem:
        from flowctl.cli.terminal.failure import report

        console.json = console.json or "--json" in arguments  # the error may have come before the option was read
        return report(problem, console)
    return code if isinstance(code, int) else 0
