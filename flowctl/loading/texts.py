"""Bytes of a file, and bytes to text: UTF-8 and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_CHUNK = 1 << 16


class Unreadable(Exception):
    """A file that cannot be used. `at` is line and column where that is known."""

    def __init__(self, code: str, summary: str, hint: str, at: tuple[int, int] | None = None) -> None:
        super().__init__(summary)
        self.code, self.summary, self.hint, self.at = code, summary, hint, at


def read_limited(path: str | Path, limit: int, code: str) -> bytes:
    """The bytes of a file of at most `limit` bytes; a bigger one is not read to its end.

    Raises:
        Unreadable: F401 missing or not permitted, F404 no regular file, `code` when too big.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise unreadable(error) from None
    try:
        data = os.read(descriptor, _CHUNK)
        if len(data) == _CHUNK:
            data += _rest(descriptor, limit)
    except OSError as error:
        raise unreadable(error) from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise too_big(Path(path).stat().st_size, limit, code)
    return data


def _rest(descriptor: int, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(0, "not a regular file")
    parts, left = [], limit
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def unreadable(error: OSError) -> Unreadable:
    """The problem behind an operating system's error."""
    reason = (error.strerror or str(error)).lower()
    return Unreadable("F401", f"cannot be read: {reason}", "check that the file is there and that you may read it")


def too_big(size: int, limit: int, code: str) -> Unreadable:
    """The problem of a file past a limit."""
    summary = f"{size:,} bytes, the limit is {limit:,}"
    return Unreadable(code, summary, "move large data out of it, for example into a namespace file or an object store")


def decode(data: bytes) -> str:
    """UTF-8 bytes as text, a byte order mark kept.

    Raises:
        Unreadable: F201 not UTF-8, F202 UTF-16 or UTF-32; with the place of the first wrong byte.
    """
    if b"\0" in data[:2] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("F202", "the text is UTF-16 or UTF-32, not UTF-8", "save the file as UTF-8", (1, 1))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error.start) from None


def _not_utf8(data: bytes, index: int) -> Unreadable:
    before = data[:index].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
    guess = data[index : index + 1].decode("latin-1")
    summary = f"the byte 0x{data[index]:02x} is not UTF-8"
    hint = f"save the file as UTF-8 (in Latin-1 this byte is `{guess}`)" if guess.isprintable() else "save it as UTF-8"
    return Unreadable("F201", summary, hint, (line, column))
