"""Paths of namespace files as clients write them, made one."""

from __future__ import annotations

MOST_BYTES = 1024
MOST_NAME = 255


class InvalidPath(Exception):
    """A path that no namespace file can have; `str()` says why."""


def clean(path: str, *, root: bool = False) -> str:
    """`a/b.txt`, `/a/b.txt` and `/a//b.txt` are `/a/b.txt`. The root itself only where `root` is set.

    Raises:
        InvalidPath: it climbs (`..`), has a backslash, a control character, a name past 255 bytes, or is too long.
    """
    parts = [part for part in path.split("/") if part]
    if any(part in (".", "..") for part in parts):
        raise InvalidPath(f"Illegal path: {path!r} must not contain '.' or '..'")
    if any(character in part for part in parts for character in "\\\0") or not path.isprintable():
        raise InvalidPath(f"Illegal path: {path!r} has a backslash or a control character")
    if any(len(part.encode("utf-8", "surrogatepass")) > MOST_NAME for part in parts):
        raise InvalidPath(f"Illegal path: a name may have at most {MOST_NAME} bytes")
    whole = "/" + "/".join(parts)
    if len(whole.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise InvalidPath(f"Illegal path: at most {MOST_BYTES} bytes")
    if not parts and not root:
        raise InvalidPath("Illegal path: a file needs a name")
    if parts and parts[0] == "_flows":
        raise InvalidPath(f"Forbidden path: {whole}")
    return whole
