"""Reading the files of an environment, which is said when it takes a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flowctl.cli.console import Console
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.project import Project

PATIENCE_SECONDS = 1.0
CLEAR_LINE = "\r\x1b[2K"


def read_project(console: Console, workspace: Workspace, environment: Environment) -> Project:
    """Everything that an environment's files want: thousands of new ones take seconds.

    Raises:
        ProjectError: all problems of all files.
    """
    from flowctl.loading.project import load_project

    with said_when_slow(console, "Reading the files ..."):
        return load_project(workspace, environment, console.environ)


@contextmanager
def said_when_slow(console: Console, text: str, after: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Shows a line on a terminal once the block takes longer than `after` seconds, and wipes it away at the end.

    Nothing else may be printed inside.
    """
    if not _watched(console):
        yield
        return
    from threading import Event, Timer

    shown = Event()

    def show() -> None:
        shown.set()
        console.err.write(text)
        console.err.flush()

    timer = Timer(after, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # nothing is shown from here on
        if shown.is_set():
            console.err.write(CLEAR_LINE)
            console.err.flush()


def _watched(console: Console) -> bool:
    """Whether somebody looks on: a job's log is read later, and a dumb terminal cannot wipe anything away."""
    environ = console.environ
    return console.err.isatty() and not console.json and not environ.get("CI") and environ.get("TERM") != "dumb"
