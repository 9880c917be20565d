"""Rendered output compared as a whole with files. `FLOWCTL_WRITE_GOLDEN=1` writes them anew, to be read in review."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """Compare a text with a file, byte for byte."""
    path = FOLDER / name
    if os.environ.get("FLOWCTL_WRITE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), f"differs from {path.relative_to(FOLDER.parents[2])}"
