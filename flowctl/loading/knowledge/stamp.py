"""What memory depends on apart from the text: the version of flowctl, down to the code that reads flows."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from flowctl import __version__

FORMAT = 1
_PACKAGES = ("flowtext", "language", "loading", "schemas")


@cache
def stamp() -> str:
    """Changes whenever something else might be learned of the same text."""
    digest = hashlib.sha256(f"{FORMAT} {__version__}".encode())
    for name in _PACKAGES:
        _add(digest, str(Path(__file__).parents[2] / name))
    return digest.hexdigest()[:32]


def _add(digest: hashlib._Hash, directory: str) -> None:
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    _add(digest, entry.path)
            else:
                status = entry.stat()
                digest.update(f"{entry.name} {status.st_size} {status.st_mtime_ns}\n".encode())
