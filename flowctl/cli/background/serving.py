"""Run the bundled server in this process, as the server of a workspace or on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowctl import __version__
from flowctl.cli.background.enrol import enrolled
from flowctl.cli.background.record import ServerRecord
from flowctl.cli.console import Console
from flowctl.errors import FlowctlError, ServerError
from flowctl.loading.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from flowctl.engine.service import Listening
    from flowctl.engine.settings import Settings

DATA = "server"
PORT_TAKEN = "S301"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


def workspace_for(options: Mapping[str, object], environ: Mapping[str, str]) -> Workspace | None:
    """The workspace whose server this would be: the one around us, unless data or TLS of its own were asked for."""
    if options.get("data") or options.get("tls_cert") or environ.get("FLOWCTL_SERVER_DATA"):
        return None
    try:
        return find_workspace(Path.cwd())
    except FlowctlError:
        return None


def serve_alone(settings: Settings) -> None:
    """Run a server that is no workspace's: whoever uses it has its URL."""
    from flowctl.engine.service import serve

    serve(settings)


def serve_workspace(workspace: Workspace, options: Mapping[str, Any], console: Console, ready_fd: int | None) -> None:
    """Run the workspace's server, and let the other commands find it.

    In the background (`ready_fd` is a starter's pipe) a taken port is no error: a free one is taken instead.
    """
    from flowctl.engine.service import serve
    from flowctl.engine.settings import from_environ

    started = datetime.now(UTC)
    settings = from_environ(console.environ, **_with_defaults(workspace, options, console.environ))
    with enrolled(workspace.state_dir, ready_fd) as announce:

        def ready(listening: Listening) -> None:
            announce(record_of(settings, listening, started))

        try:
            serve(settings, on_ready=ready)
        except ServerError as problem:
            if ready_fd is None or problem.diagnostics[0].code != PORT_TAKEN:
                raise
            serve(replace(settings, port=0), on_ready=ready)


def record_of(settings: Settings, listening: Listening, started: datetime) -> ServerRecord:
    """What other commands have to know of a server that is ready."""
    import os

    token_file = None if settings.credentials.given else str(settings.token_file.resolve())
    url = f"http://{EVERYWHERE.get(listening.host, listening.host)}:{listening.port}"
    since = started.isoformat(timespec="seconds")
    return ServerRecord(os.getpid(), listening.port, url, token_file, since, __version__, settings.dialect)


def _with_defaults(workspace: Workspace, options: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The options, with the workspace's own settings below the command line and `FLOWCTL_SERVER_*`."""
    found = {**options, "data": workspace.state_dir / DATA}
    if found.get("port") is None and "FLOWCTL_SERVER_PORT" not in environ:
        found["port"] = workspace.settings.port
    if found.get("dialect") is None and "FLOWCTL_SERVER_DIALECT" not in environ:
        found["dialect"] = workspace.settings.dialect
    return found
