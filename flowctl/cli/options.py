"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from flowctl.cli.completing import complete_environment, complete_flow, complete_plan
from flowctl.cli.console import Console

Command = TypeVar("Command", bound=Callable[..., object])


def common_options(command: Command) -> Command:
    """`--verbose` and `--no-color`, which every command takes and no command has to handle."""
    verbose = click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_verbose,
        help="Show each request to the server, and lists whole.",
    )
    no_color = click.option("--no-color", is_flag=True, expose_value=False, callback=_no_color, help="Plain text.")
    return verbose(no_color(command))


def json_option(help: str = "Print JSON.") -> Callable[[Command], Command]:  # noqa: A002  # click's own name for it
    """`--json`, which also turns errors into JSON."""
    return click.option("--json", "as_json", is_flag=True, callback=_json, help=help)


def environment_argument(command: Command) -> Command:
    """`[ENV]`: may be left out when there is one environment, or `FLOWCTL_ENV` is set."""
    return click.argument("environment", metavar="[ENV]", required=False, shell_complete=complete_environment)(command)


def environment_or_plan_argument(command: Command) -> Command:
    """`[ENV]`, where the name of a plan file may stand instead."""
    return click.argument("environment", metavar="[ENV]", required=False, shell_complete=complete_plan)(command)


def environment_option(command: Command) -> Command:
    """`-e ENV`, with the same default as the argument."""
    return click.option(
        "-e", "--environment", metavar="ENV", shell_complete=complete_environment, help="The environment."
    )(command)


def format_options(command: Command) -> Command:
    """How a plan is shown."""
    diff = click.option("--diff", is_flag=True, help="Show the differences of the raw texts as well.")
    unmanaged = click.option("--unmanaged", is_flag=True, help="List what is on the server and not flowctl's.")
    markdown = click.option("--markdown", is_flag=True, help="Print Markdown for a pull request comment.")
    shape = click.option(
        "--format", "shape", type=click.Choice(["terraform-json"]), help="Print JSON in the shape of another tool."
    )
    return diff(unmanaged(json_option("Print the plan as JSON.")(markdown(shape(command)))))


def quiet_window_option(command: Command) -> Command:
    """`--quiet-window`, in seconds once it is read."""
    return click.option(
        "--quiet-window",
        metavar="TIME",
        callback=_time,
        help="Hold back flows that fire within TIME, such as 5m, or run; write them when they are quiet.",
    )(command)


def _time(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    from flowctl.cli.plans.applying import seconds

    return seconds(value)


def apply_options(command: Command) -> Command:
    """How an apply goes about it."""
    options = (
        click.option("--auto-approve", is_flag=True, help="Do not ask."),
        click.option("--parallelism", type=click.IntRange(1, 64), metavar="N", help="How many writes at once."),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option("--rollback-on-error", is_flag=True, help="Write the old texts back when something fails."),
        click.option("--lock-timeout", metavar="TIME", default="0s", help="Wait so long for a lock, such as 5m."),
        quiet_window_option,
        click.option(
            "--quiet-timeout", metavar="TIME", default="30m", help="Wait so long for flows that are held or drained."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def selection_options(command: Command) -> Command:
    """`--select`, `--exclude` and `--changed-since`."""
    select = click.option("--select", multiple=True, metavar="GLOB", help="Only objects that match; may be repeated.")
    exclude = click.option("--exclude", multiple=True, metavar="GLOB", help="No objects that match; may be repeated.")
    since = click.option("--changed-since", metavar="REF", help="Only what Git says changed since REF.")
    return select(exclude(since(command)))


def guard_options(command: Command) -> Command:
    """The options that override a refusal, or a delete."""
    deletes = click.option("--max-deletes", metavar="N|P%", callback=_limit, help="Allow so many deletes in this plan.")
    empty = click.option("--allow-empty", is_flag=True, help="Allow an environment without any flow.")
    protected = click.option(
        "--allow-protected",
        multiple=True,
        metavar="KEY",
        shell_complete=complete_flow,
        help="Allow to delete this protected flow; may be repeated.",
    )
    forget = click.option(
        "--forget",
        multiple=True,
        metavar="GLOB",
        help="Leave on the server what matches and has no file any more, and own it no longer; may be repeated.",
    )
    resume = click.option(
        "--resume",
        multiple=True,
        metavar="GLOB",
        shell_complete=complete_flow,
        help="Enable flows that somebody disabled on the server; may be repeated. Others stay disabled.",
    )
    drain = click.option("--drain", is_flag=True, help="Delete a flow when its running executions have ended.")
    return deletes(empty(protected(forget(resume(drain(command))))))


def _limit(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The limit as it was typed, once it is known to be one."""
    if value is None:
        return None
    from flowctl.planning.guarding.policy import most_deletes

    try:
        most_deletes(value, 0)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a count such as 5 nor a share such as 30%") from None
    return value


def _console(context: click.Context) -> Console:
    console = context.find_object(Console)
    assert console is not None
    return console


def _verbose(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        _console(context).verbose = True


def _no_color(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        _console(context).plain()


def _json(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        _console(context).json = True
    return value
