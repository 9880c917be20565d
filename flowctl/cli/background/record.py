"""`.flowctl/server.json`: where the workspace's server listens, and how to get in."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "server.json"


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """One running server. `url` is for clients on this machine, `token_file` None when it was given credentials,
    `started` ISO 8601 in UTC, `dialect` None where an older flowctl wrote it."""

    pid: int
    port: int
    url: str
    token_file: str | None
    started: str
    version: str
    dialect: str | None = None

    def token(self) -> str | None:
        """The bearer token from the token file, or None when there is no such file."""
        if self.token_file is None:
            return None
        try:
            return Path(self.token_file).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None


def read_record(state_dir: Path) -> ServerRecord | None:
    """What the file says; None when it is missing or not ours to understand. Says nothing about being alive."""
    try:
        content = json.loads((state_dir / NAME).read_text(encoding="utf-8"))
        return ServerRecord(**content)
    except (OSError, ValueError, TypeError):
        return None


def write_record(state_dir: Path, record: ServerRecord) -> None:
    """Replace the file at once; a reader sees the old or the new one, never half of it."""
    state_dir.mkdir(parents=True, exist_ok=True)
    draft = state_dir / f".{NAME}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    draft.replace(state_dir / NAME)


def remove_record(state_dir: Path, pid: int) -> None:
    """Remove the file if it is still that process's."""
    record = read_record(state_dir)
    if record is not None and record.pid == pid:
        (state_dir / NAME).unlink(missing_ok=True)
