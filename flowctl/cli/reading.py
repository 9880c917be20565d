"""Reading the files of an environment and what its server has, which is said when it takes a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from flowctl.cli.console import Console
from flowctl.cli.patience import when_slow
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.live import LiveState
from flowctl.model.project import Project
from flowctl.remote.port import Server

PATIENCE_SECONDS = 1.0
PATIENCE_WITH_A_SERVER_SECONDS = 2.0
CLEAR_LINE = "\r\x1b[2K"


def read_project(console: Console, workspace: Workspace, environment: Environment) -> Project:
    """Everything that an environment's files want: thousands of new ones take seconds.

    Raises:
        ProjectError: all problems of all files.
    """
    from flowctl.loading.project import load_project

    with said_when_slow(console, "Reading the files ..."):
        return load_project(workspace, environment, console.environ)


def read_live(console: Console, environment: Environment, server: Server) -> LiveState:
    """Everything that an environment's server has: an export and searches, for which a busy server takes its time.

    Raises:
        ServerError: no answer, or a refusal.
    """
    with waiting(console, environment, "say what it has"):
        return server.read_state(environment)


def waiting(console: Console, environment: Environment, what: str) -> AbstractContextManager[None]:
    """Around requests that take long on a busy server; with `--verbose` each is said by itself."""
    name = "the bundled server" if environment.bundled else environment.server
    if console.verbose:
        return nullcontext()
    return said_when_slow(console, f"Waiting for {name} to {what} ...", PATIENCE_WITH_A_SERVER_SECONDS)


@contextmanager
def said_when_slow(console: Console, text: str, after: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Shows a line on a terminal once the block takes longer than `after` seconds, and wipes it away at the end.

    Nothing else may be printed inside.
    """
    if not _watched(console):
        yield
        return
    from shutil import get_terminal_size
    from threading import Event

    shown = Event()

    def show() -> None:
        shown.set()
        console.err.write(text[: get_terminal_size().columns - 1])  # what wraps cannot be wiped away
        console.err.flush()

    try:
        with when_slow(show, after):  # nothing is shown after it
            yield
    finally:
        if shown.is_set():
            console.err.write(CLEAR_LINE)
            console.err.flush()


def _watched(console: Console) -> bool:
    """Whether somebody looks on: a job's log is read later, and a dumb terminal cannot wipe anything away."""
    environ = console.environ
    return console.err.isatty() and not console.json and not environ.get("CI") and environ.get("TERM") != "dumb"
