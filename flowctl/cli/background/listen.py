"""The server's socket, bound by whoever starts it.

The starter binds and the server inherits: no moment in which another program could take a port that was found free,
and a client that connects before the server is ready simply waits in the queue of the socket.
"""

from __future__ import annotations

import errno
import socket

from flowctl.errors import ServerError

BACKLOG = 128


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        ServerError: S391, the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise _refused(host, port, problem) from problem
    return listener


def bind_preferred(host: str, port: int | None) -> socket.socket:
    """A listening socket on `port` if it is free, otherwise on any free port."""
    if port:
        try:
            return bind(host, port)
        except ServerError as problem:
            if not isinstance(problem.__cause__, OSError) or problem.__cause__.errno != errno.EADDRINUSE:
                raise
    return bind(host, 0)


def _refused(host: str, port: int, problem: OSError) -> ServerError:
    taken = problem.errno == errno.EADDRINUSE
    return ServerError.of(
        "S391",
        f"port {port} on {host} is taken" if taken else f"cannot listen on {host}:{port}: {problem.strerror}",
        hint="choose another with --port, or end the program that listens there" if taken else "choose another --host",
    )
