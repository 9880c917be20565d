"""A commit on a new branch, made without touching the work tree or the index."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from flowctl.errors import ProjectError

FILE_MODE = "100644"


def commit_on_branch(root: Path, branch: str, files: Mapping[str, bytes | None], message: str) -> str:
    """The commit that a new branch begins with, on top of HEAD. `files` are paths below `root`; None removes one.

    Author and committer are those of Git's configuration.

    Raises:
        ProjectError: F510, there is such a branch, or its name is no good; F504, Git failed.
    """
    reference = f"refs/heads/{branch}"
    valid = _attempt(root, "check-ref-format", reference).returncode == 0
    if not valid or _attempt(root, "rev-parse", "--verify", "--quiet", reference).returncode == 0:
        reason = "exists already" if valid else "is no name for a branch"
        raise ProjectError.of("F510", f"the branch {branch} {reason}", hint="name another branch")
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    head = _git(root, "rev-parse", "--verify", "HEAD^{commit}").strip()
    prefix = _git(root, "rev-parse", "--show-prefix").strip()
    with tempfile.TemporaryDirectory(prefix="flowctl-") as directory:
        index = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
        _git(root, "read-tree", head, environ=index)
        for path, data in files.items():
            _stage(top, prefix + path, data, index)
        tree = _git(root, "write-tree", environ=index).strip()
    commit = _git(root, "commit-tree", tree, "-p", head, "-m", message).strip()
    _git(root, "update-ref", reference, commit, "")
    return commit


def _stage(top: Path, path: str, data: bytes | None, index: Mapping[str, str]) -> None:
    if data is None:
        _git(top, "update-index", "--force-remove", "--", path, environ=index)
        return
    stored = _git(top, "hash-object", "-w", "--stdin", data=data).strip()
    listed = _git(top, "ls-files", "--stage", "--", path, environ=index).split()
    mode = listed[0] if listed else FILE_MODE
    _git(top, "update-index", "--add", "--cacheinfo", f"{mode},{stored},{path}", environ=index)


def _git(root: Path, *arguments: str, data: bytes | None = None, environ: Mapping[str, str] | None = None) -> str:
    done = _attempt(root, *arguments, data=data, environ=environ)
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        hint = f"run it yourself: git {' '.join(arguments[:2])}"
        raise ProjectError.of("F504", "Git failed", detail=words[-1] if words else "", hint=hint)
    return done.stdout.decode("utf-8", "replace")


def _attempt(
    root: Path, *arguments: str, data: bytes | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(
        command, capture_output=True, input=data or b"", env={**os.environ, **(environ or {})}, check=False
    )
