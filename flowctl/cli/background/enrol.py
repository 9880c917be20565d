"""What `flowctl server run` does so that the other commands of the workspace find it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flowctl.cli.background.locks import hold_alive, release, starting
from flowctl.cli.background.record import NAME, ServerRecord, read_record, remove_record, write_record
from flowctl.errors import ServerError


@contextmanager
def enrolled(state_dir: Path, ready_fd: int | None = None) -> Iterator[Callable[[ServerRecord], None]]:
    """Be the workspace's server for as long as the context lasts; call what it gives once the port answers.

    `ready_fd` is a pipe to a starter, who holds the start lock on our behalf and waits for a byte. Without it the
    start lock is held here until the record stands, so that others wait instead of starting a second server.

    Raises:
        ServerError: S394, the workspace has a running server already.
    """
    with ExitStack() as until_ready:
        if ready_fd is None:
            until_ready.enter_context(starting(state_dir))
        alive = hold_alive(state_dir)
        if alive is None:
            raise _already(state_dir)
        (state_dir / NAME).unlink(missing_ok=True)

        def announce(record: ServerRecord) -> None:
            write_record(state_dir, record)
            until_ready.close()
            if ready_fd is not None:
                os.write(ready_fd, b"1")
                os.close(ready_fd)

        try:
            yield announce
        finally:
            remove_record(state_dir, os.getpid())
            release(alive)


def _already(state_dir: Path) -> ServerError:
    record = read_record(state_dir)
    where = f" on {record.url}, process {record.pid}" if record else ""
    return ServerError.of(
        "S394",
        f"this workspace's server is running already{where}",
        hint="use that one, or end it with `flowctl server stop`; a second server needs its own --data directory",
    )
