"""From an environment to a server one can talk to; the bundled one is started when it is not running."""

from __future__ import annotations

from flowctl.cli.background.start import ensure_running
from flowctl.cli.console import Console
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.remote.port import Server


def connect_to(workspace: Workspace, environment: Environment, console: Console) -> Server:
    """A connection to the environment's server."""
    from flowctl.remote.client import connect

    if not environment.bundled:
        return connect(environment, console.environ)
    record, _ = ensure_running(workspace.state_dir, console.say)
    return connect(environment, console.environ, url=record.url, token=record.token())
