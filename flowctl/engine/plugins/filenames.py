"""Names of files that a task leaves in the storage."""

from __future__ import annotations

import hashlib


def stored_name(path: str) -> str:
    """The name for a file of a relative path: its own; below a directory preceded by what tells it from others."""
    folder, _, own = path.lstrip("/").rpartition("/")
    return f"{hashlib.sha256(path.encode()).hexdigest()[:16]}-{own}" if folder else own
