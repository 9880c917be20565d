"""The page that GitHub shows for a job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LIMIT_BYTES = 1024 * 1024
"""GitHub drops a step's summary past a mebibyte."""


def write_summary(environ: Mapping[str, str], text: str) -> bool:
    """Append to the job's summary; False where there is none, no room for it, or it cannot be written: the comment
    counts."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    data = (text.rstrip("\n") + "\n\n").encode()
    place = Path(path)
    try:
        if (place.stat().st_size if place.exists() else 0) + len(data) > LIMIT_BYTES:
            return False
        with place.open("ab") as file:
            file.write(data)
    except OSError:
        return False
    return True
