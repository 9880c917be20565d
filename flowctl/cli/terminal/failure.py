"""How a command ends that did not end well: what is printed, and the exit code (docs/exit-codes.md).

FlowctlError        its diagnostics, and the class's code
click.UsageError    64: a typing error must never read as "changes", which is click's own 2
Ctrl-C              130
closed pipe         nothing: the reader has seen enough
full disk           C120: what was printed got lost
anything else       a defect: one line, a crash file, 1
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.terminal.streams import Outlet, OutputLost, discard
from flowctl.errors import FlowctlError, Interrupted, UsageError

USAGE = 64
INTERRUPTED = 130


def report(problem: BaseException, console: Console) -> int:
    """Print a problem; returns the exit code."""
    try:
        return _report(problem, console)
    except BrokenPipeError:
        return _leave_quietly()
    except OutputLost as lost:
        return _lost(lost, console)


def _report(problem: BaseException, console: Console) -> int:
    if isinstance(problem, BrokenPipeError):
        return _leave_quietly()
    if isinstance(problem, OutputLost):
        return _lost(problem, console)
    if isinstance(problem, click.exceptions.Exit):
        console.flush()
        return problem.exit_code
    if isinstance(problem, (KeyboardInterrupt, click.Abort, Interrupted)):
        console.say("Interrupted.")
        return INTERRUPTED
    if isinstance(problem, FlowctlError):
        return _known(problem, console)
    if isinstance(problem, click.UsageError):
        return _usage(problem, console)
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 1
    return _defect(problem, console)


def _known(problem: FlowctlError, console: Console) -> int:
    from flowctl.views.diagnostics import diagnostics_json, diagnostics_text

    if console.json:
        console.show(diagnostics_json(problem.diagnostics))
    else:
        console.out.flush()
        from flowctl.cli.terminal.excerpts import line_reader

        console.say(
            diagnostics_text(problem.diagnostics, colour=console.error_colour, read_line=line_reader(Path.cwd()))
        )
    console.flush()
    return problem.exit_code


def _usage(problem: click.UsageError, console: Console) -> int:
    console.out.flush()
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        console.say(problem.format_message())
        return USAGE
    where = problem.ctx.command_path if problem.ctx else "flowctl"
    if console.json:
        return _known(UsageError.of("C100", problem.format_message(), hint=f"{where} --help"), console)
    console.say(f"Error: {problem.format_message()}\nTry '{where} --help'.")
    return USAGE


def _defect(problem: BaseException, console: Console) -> int:
    if console.environ.get("FLOWCTL_DEBUG"):
        raise problem
    console.out.flush()
    kept = keep_crash(problem, Path.cwd())
    where = f"; details are in {kept}" if kept else ""
    console.say(f"Error [C199] this is a defect in flowctl: {type(problem).__name__}{where}")
    return 1


def keep_crash(problem: BaseException, start: Path) -> Path | None:
    """Write a traceback to `.flowctl/crash.txt` of the workspace around `start`, or to the temporary directory.

    Returns its path, or None when neither can be written. Values of variables are not in it.
    """
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(problem))
    roots = [d for d in (start, *start.parents) if (d / "environments").is_dir()][:1]
    for directory in (*(root / ".flowctl" for root in roots), Path(tempfile.gettempdir())):
        try:
            directory.mkdir(exist_ok=True)
            path = directory / f"crash-{os.getpid()}.txt"
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return path
    return None


def _lost(problem: OutputLost, console: Console) -> int:
    """C120: what was done is done, only nobody was told."""
    from flowctl.model.diagnostic import Diagnostic
    from flowctl.views.diagnostics import diagnostics_text

    if isinstance(console.out, Outlet):
        console.out.hush()
    hint = "make room or send it elsewhere; what the command did besides printing stands: `flowctl status ENV` shows it"
    lost = Diagnostic("C120", "error", f"the output cannot be written: {problem}", hint=hint)
    console.say(diagnostics_text([lost], colour=console.error_colour))
    return 1


def _leave_quietly() -> int:
    """Nobody reads any more: keep the interpreter from complaining when it closes standard output."""
    discard(sys.stdout.fileno())
    return 1
