"""The bundled server as a process: one port, one event loop, one store."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from flowctl.engine import accounts, serverlog
from flowctl.engine.api.app import create_app
from flowctl.engine.components import components
from flowctl.engine.idling import IdlingServer
from flowctl.engine.privacy import forbid_inspection
from flowctl.engine.protocol import BoundedProtocol
from flowctl.engine.settings import Settings, check
from flowctl.engine.store import Clock, Store, StoreDamaged, StoreError, utc_now
from flowctl.engine.store.tables import key_values
from flowctl.engine.tokens import with_credentials
from flowctl.errors import ServerError

GRACE_SECONDS = 5
BACKLOG = 1024
LOG = logging.getLogger("flowctl.server")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server that is ready listens."""

    host: str
    port: int
    url: str


def serve(settings: Settings, *, on_ready: Callable[[Listening], None] | None = None, clock: Clock = utc_now) -> None:
    """Run until SIGTERM or SIGINT; requests in flight are finished first. `on_ready` is called once the port answers.

    Port 0 picks a free one. The log goes to stderr.

    Raises:
        ServerError: a taken port (`S301`), a store that cannot be opened (`S302`, `S303`, `S304`), unsafe settings,
            a user for tasks who cannot be (`S312`).
    """
    serverlog.to_stderr()
    check(settings)
    forbid_inspection()
    listener = listen(settings)
    try:
        settings = with_credentials(settings)
        accounts.prepare(settings.data, os.environ)
        store = _open(settings, clock)
        try:
            _run(settings, store, listener, on_ready)
        finally:
            store.close()
    finally:
        listener.close()


def listen(settings: Settings) -> socket.socket:
    """The bound socket.

    Raises:
        ServerError: `S301`, the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(settings, error) from None
    return listener


def _cannot_listen(settings: Settings, error: OSError) -> ServerError:
    if error.errno == errno.EADDRINUSE:
        return ServerError.of(
            "S301",
            f"port {settings.port} of {settings.host} is taken",
            hint="another server may be running (`flowctl server status`); choose another --port, or 0 for a free one",
        )
    return ServerError.of(
        "S301",
        f"cannot listen on {settings.host} port {settings.port}: {error.strerror}",
        hint="check --host and --port",
    )


def _open(settings: Settings, clock: Clock) -> Store:
    try:
        store = Store.open(settings.data, clock)
        store.write(lambda connection: key_values.purge(connection, store.now_ms))
        return store
    except (StoreError, OSError) as error:
        raise ServerError.of(
            "S302",
            f"the store in {settings.data} cannot be opened: {error}",
            hint=_mend(settings, error),
        ) from error


def _mend(settings: Settings, error: Exception) -> str:
    if isinstance(error, StoreDamaged):
        restore = "`flowctl server restore FILE` brings back what `flowctl server backup` saved"
        return f"the file is damaged: keep a copy of {settings.data}, then {restore}"
    return "check the directory's owner, its permissions and the free space, or give another --data"


def _run(
    settings: Settings, store: Store, listener: socket.socket, on_ready: Callable[[Listening], None] | None
) -> None:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        parts = components(app.state.context)
        for part in parts:
            await part.start()
        try:
            if on_ready:
                on_ready(_listening(settings, listener))
            yield
        finally:
            for part in reversed(parts):
                await part.stop()

    server = IdlingServer(_config(create_app(store, settings, lifespan=lifespan), settings))
    LOG.info("listening on %s", _listening(settings, listener).url)
    _ignore_reraised_signals()
    _collect_rarely()
    server.run(sockets=[listener])
    LOG.info("stopped")


def _collect_rarely() -> None:
    """Look for circles of garbage less often than Python does by itself, and not among what is there for ever.

    The server holds many records and makes hardly any circles; with the thresholds of an ordinary program half of its
    time went into walking over executions of 10,000 task runs again and again.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _ignore_reraised_signals() -> None:
    """uvicorn raises the signal that stopped it once more when it is done; the store is still to be closed then."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _config(app: Starlette, settings: Settings) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=str(settings.tls_cert) if settings.tls_cert else None,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
    )
    try:
        config.load()
    except OSError as error:  # an ssl.SSLError is one
        reason = error.strerror or str(error)
        raise ServerError.of(
            "S306",
            f"the TLS files {settings.tls_cert} and {settings.tls_key} cannot be used: {reason}",
            hint="give a PEM certificate (with its chain) and its key, readable by this user",
        ) from None
    return config


def _listening(settings: Settings, listener: socket.socket) -> Listening:
    port = int(listener.getsockname()[1])
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Listening(settings.host, port, f"{scheme}://{host}:{port}")
