"""What `flowctl server run` does so that the other commands of the workspace find it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from flowctl import __version__
from flowctl.cli.background.locks import hold_alive, starting
from flowctl.cli.background.record import NAME, ServerRecord, read_record, remove_record, write_record
from flowctl.errors import ServerError


@contextmanager
def enrolled(
    state_dir: Path, address: tuple[str, int], token_file: Path | None, started: datetime, *, launched: bool
) -> Iterator[ServerRecord]:
    """Be the workspace's server for as long as the context lasts.

    `launched` says that a starter holds the start lock on our behalf; otherwise it is taken here.

    Raises:
        ServerError: S394, the workspace has a running server already.
    """
    record = ServerRecord(
        os.getpid(), address[0], address[1], str(token_file) if token_file else None, started.isoformat(), __version__
    )
    with ExitStack() as stack:
        if not launched:
            stack.enter_context(starting(state_dir))
        alive = hold_alive(state_dir)
        if alive is None:
            raise _already(state_dir)
        (state_dir / NAME).unlink(missing_ok=True)
        write_record(state_dir, record)
    try:
        yield record
    finally:
        remove_record(state_dir, record.pid)
        os.close(alive)


def _already(state_dir: Path) -> ServerError:
    record = read_record(state_dir)
    where = f" on {record.url}, process {record.pid}" if record else ""
    return ServerError.of(
        "S394",
        f"this workspace's server is running already{where}",
        hint="use that one, or end it with `flowctl server stop`; another data directory needs another workspace",
    )
