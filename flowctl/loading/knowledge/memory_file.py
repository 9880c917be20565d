"""JSON that may be lost: written whole or not at all, read only when it is exactly what was written.

Two processes may write at once: the last one wins, a reader sees one of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from flowctl.loading.knowledge.stamp import stamp

Json = dict[str, object]


def read_memory(path: Path) -> Json:
    """What was written last by this version of flowctl; an empty map when that is lost, damaged or another's."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head != _head(body):
            return {}
        value = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write_memory(path: Path, value: Json) -> None:
    """Write, if the disk allows it."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    with suppress(OSError):
        _prepare(path.parent)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
        try:
            temporary.write_bytes(_head(body) + b"\n" + body)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _head(body: bytes) -> bytes:
    return f"{stamp()} {hashlib.sha256(body).hexdigest()}".encode()


def _prepare(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    ignore = directory / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
