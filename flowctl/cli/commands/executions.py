"""`flowctl executions list|show|logs|kill|restart|replay|pause|resume`."""

from __future__ import annotations

import click

from flowctl.cli.commands.logs import command as logs
from flowctl.cli.completing import complete_flow
from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option


@click.group("executions")
def command() -> None:
    """List executions, look at them, and change what they do."""


def _states(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Names of states in any case, also several with commas between them."""
    from flowctl.cli.executions.texts import ENDED
    from flowctl.remote.objects.activity import MOVING

    known = (*MOVING, *sorted(ENDED))
    names = tuple(name.strip().upper() for value in values for name in value.split(","))
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name!r} is no state; there are {', '.join(known)}")
    return names


@command.command("list")
@environment_option
@click.option("--flow", metavar="NS/ID", shell_complete=complete_flow, help="Of one flow.")
@click.option(
    "--state", "states", multiple=True, metavar="STATE", callback=_states, help="In this state; may be repeated."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=25, show_default=True, help="At most so many.")
@json_option()
@common_options
@click.pass_obj
def list_(
    console: Console, environment: str | None, flow: str | None, states: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """The newest executions of the environment's namespaces."""
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.rows import EXECUTION_COLUMNS, execution_row
    from flowctl.cli.operating.tables import show_rows

    named, key = parse_address(flow) if flow else (None, None)
    calls = open_calls(console, which_environment(named, environment))
    query = [("sort", "state.startDate:desc")]
    if key is not None:
        query += [("filters[namespace][EQUALS]", key.namespace), ("filters[flowId][EQUALS]", key.id)]
    else:
        query.append(("filters[namespace][PREFIX]", calls.environment.namespace))
    if states:
        query.append(("filters[state][IN]", ",".join(states)))
    rows = [execution_row(row) for row in calls.rows("/executions/search", query, limit)]
    show_rows(console, "executions", rows, EXECUTION_COLUMNS)


@command.command("show")
@click.argument("execution", metavar="EXECUTION")
@environment_option
@json_option()
@common_options
@click.pass_obj
def show(console: Console, execution: str, environment: str | None, as_json: bool) -> None:
    """One execution with its task runs, inputs and outputs."""
    from flowctl.cli.executions.texts import as_document
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.rows import EXECUTION_COLUMNS, TASK_COLUMNS, execution_row, task_rows, value_rows
    from flowctl.cli.operating.tables import table

    found = open_calls(console, environment).execution(execution)
    if as_json:
        console.show(as_document(found))
        return
    console.show(table([execution_row(found)], EXECUTION_COLUMNS))
    for rows, columns in (
        (task_rows(found), TASK_COLUMNS),
        (value_rows(found, "inputs"), ("input", "value")),
        (value_rows(found, "outputs"), ("output", "value")),
    ):
        if rows:
            console.show("\n" + table(rows, columns))


def _action(name: str, summary: str, *options: click.Option) -> None:
    """Add a command that does one thing to an execution and shows what became of it."""

    @command.command(name, help=summary, params=list(options))
    @click.argument("execution", metavar="EXECUTION")
    @environment_option
    @click.option("-f", "--follow", is_flag=True, help="Show the log and the task runs until the execution ends.")
    @json_option()
    @common_options
    @click.pass_obj
    def act(
        console: Console,
        /,
        execution: str,
        environment: str | None,
        follow: bool,
        as_json: bool,
        inputs: tuple[str, ...] = (),
        **query: object,
    ) -> int:
        from flowctl.cli.executions.address import parse_inputs
        from flowctl.cli.executions.client import open_executions
        from flowctl.cli.executions.watching import finish, watch
        from flowctl.cli.operating.asking import not_asked_by_pause
        from flowctl.cli.operating.calls import open_calls
        from flowctl.cli.operating.rows import EXECUTION_COLUMNS, execution_row
        from flowctl.cli.operating.tables import show_rows

        pairs = [(key, str(value)) for key, value in query.items() if value is not None]
        given, calls = parse_inputs(inputs), open_calls(console, environment)
        if inputs and (unknown := not_asked_by_pause(calls, calls.execution(execution), given.names)) is not None:
            console.say(unknown)
        changed = calls.act(execution, name, pairs, given)
        if follow:
            server = open_executions(console, environment)
            ended = watch(console, server, changed, server.environment, show_log=True)
            return finish(console, ended, server.environment)
        show_rows(console, "executions", [execution_row(changed)], EXECUTION_COLUMNS)
        return 0


_REVISION = click.Option(["--revision"], type=click.IntRange(1), metavar="N", help="With this revision of the flow.")
_TASK_RUN = click.Option(["--task-run", "taskRunId"], metavar="ID", help="Begin at this task run.")
_INPUTS = click.Option(["-i", "--input", "inputs"], multiple=True, metavar="NAME=VALUE", help="An input of the pause.")

command.add_command(logs)
_action("kill", "Stop an execution: running tasks are interrupted, nothing else is started.")
_action("restart", "Run the failed tasks of an execution again.", _REVISION)
_action("replay", "Run an execution again as a new one, with the same inputs.", _REVISION, _TASK_RUN)
_action("pause", "Let running tasks finish, and start nothing new.")
_action("resume", "Go on with a paused execution, with what its Pause or Approval asks for.", _INPUTS)
