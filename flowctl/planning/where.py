"""Paths as a reader knows them: relative to the workspace."""

from __future__ import annotations

from pathlib import Path

from flowctl.model.environment import Environment


def relative(path: str | Path, environment: Environment) -> str:
    """A path below the workspace (the parent of `environments/`) as seen from there, any other as it is."""
    root, found = environment.path.parent.parent, Path(path)
    if not found.is_absolute() or not found.is_relative_to(root):
        return str(path)
    return found.relative_to(root).as_posix()
