"""Changes of the workspace's files, and their writing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flowctl.errors import FlowctlError
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import ObjectKey

KEPT = "check who owns the directory; what was written before it stays"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file's new bytes, None to remove it, and the objects it is about: one, or several key-values.

    `path` is relative to the workspace, with slashes.
    """

    keys: tuple[ObjectKey, ...]
    path: str
    before: bytes | None
    after: bytes | None

    @property
    def symbol(self) -> str:
        """`+`, `~` or `-`."""
        return "+" if self.before is None else "-" if self.after is None else "~"


def write_edits(workspace: Workspace, edits: Iterable[FileEdit], hint: str = KEPT) -> None:
    """Write the files; each whole or not at all, with its mode as it is. A link stays, what it leads to is written.

    Raises:
        FlowctlError: C160, one cannot be written.
    """
    for edit in edits:
        path = workspace.root / edit.path
        try:
            if edit.after is None:
                path.unlink(missing_ok=True)
                continue
            _write(path.resolve(), edit.after)
        except OSError as problem:
            raise FlowctlError.of("C160", f"cannot write {edit.path}: {problem.strerror}", hint=hint) from problem


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.flowctl")
    try:
        draft.write_bytes(data)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
