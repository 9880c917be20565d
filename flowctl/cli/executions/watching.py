"""Show an execution while it runs, and end with its state."""

from __future__ import annotations

from flowctl.cli.console import Console
from flowctl.cli.executions.following import Entry, ExecutionSource, follow
from flowctl.cli.executions.live import display_for
from flowctl.cli.executions.texts import as_document, end_line, log_line, state_of
from flowctl.errors import ExecutionEnded, FlowctlError

STOPPED = frozenset({"KILLED", "CANCELLED"})


def say_started(console: Console, execution: Entry, environment: str) -> None:
    """Say which execution was started, and how to see its log."""
    if console.json:
        console.show(as_document(execution))
        return
    console.show(str(execution["id"]))
    console.say(f"Started. Its log: {_log_command(execution, environment)} --follow")


def watch(console: Console, server: ExecutionSource, execution: Entry, environment: str, *, show_log: bool) -> Entry:
    """Wait until an execution has ended, with its log if wanted; returns it. Ctrl-C leaves it running."""
    execution_id = str(execution["id"])
    if not console.json:
        console.say(f"Execution {execution_id} of {execution.get('namespace')}/{execution.get('flowId')}")
    try:
        display = display_for(console, lambda entry: show_entry(console, entry) if show_log else None)
        return follow(server, execution_id, display.line, display.changed)
    except KeyboardInterrupt:
        console.say(f"The execution goes on. Its log: {_log_command(execution, environment)} --follow")
        raise


def show_entry(console: Console, entry: Entry) -> None:
    """Print one log entry at once."""
    console.show(as_document(entry) if console.json else log_line(entry, colour=console.colour))
    console.out.flush()


def finish(console: Console, execution: Entry, environment: str) -> int:
    """Say how an execution ended; returns the exit code. With `--json` the execution itself says it.

    Raises:
        ExecutionEnded: C118, it was killed or cancelled.
        FlowctlError: C117, it failed.
    """
    problem = problem_of(execution, environment)
    if console.json:
        console.show(as_document(execution))
        return problem.exit_code if problem else 0
    console.say(end_line(execution, colour=console.error_colour))
    if problem:
        raise problem
    return 0


def problem_of(execution: Entry, environment: str) -> FlowctlError | None:
    """What is wrong with an execution that has ended; None when it went well."""
    state = state_of(execution)
    name = f"execution {execution.get('id')} of {execution.get('namespace')}/{execution.get('flowId')}"
    hint = _log_command(execution, environment)
    if state in STOPPED:
        return ExecutionEnded.of("C118", f"{name} ended {state}", hint=f"what it did until then: {hint}")
    if state == "FAILED":
        return FlowctlError.of("C117", f"{name} ended FAILED", hint=f"its log says why: {hint}")
    return None


def _log_command(execution: Entry, environment: str) -> str:
    return f"flowctl logs {execution.get('id')} -e {environment}"
