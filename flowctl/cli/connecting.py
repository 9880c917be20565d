"""From an environment to a server one can talk to; the bundled one is started when it is not running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowctl.cli.background.dialects import dialect_note
from flowctl.cli.background.start import ensure_running
from flowctl.cli.console import Console
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.remote.port import Server


@dataclass(frozen=True, slots=True)
class Reach:
    """How a bundled server is reached: both None for a server of the environment's own."""

    url: str | None = None
    token: str | None = None


def reach(workspace: Workspace, environment: Environment, console: Console) -> Reach:
    """Where the environment's server is, after starting it where that is our business."""
    if not environment.bundled:
        return Reach()
    record, _ = ensure_running(workspace.state_dir, console.say)
    if (note := dialect_note(record, workspace, console.environ, environment)) is not None:
        console.say_once(note)
    return Reach(record.url, record.token())


def connect_to(workspace: Workspace, environment: Environment, console: Console) -> Server:
    """A connection to the environment's server."""
    from flowctl.remote.client import connect

    found = reach(workspace, environment, console)
    return connect(environment, console.environ, url=found.url, token=found.token, log=request_log(console))


def request_log(console: Console) -> Callable[[str], None] | None:
    """What `--verbose` prints for each request; None without it."""
    return console.say if console.verbose else None
