"""Write the first files of a workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from flowctl.cli.first_files import IGNORED
from flowctl.errors import FlowctlError, UsageError

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def check_name(name: str) -> None:
    """Refuse what is no environment name.

    Raises:
        UsageError: C109.
    """
    if not NAME.fullmatch(name):
        raise UsageError.of(
            "C109", f"{name!r} is no environment name", hint="lower-case letters, digits and hyphens, such as `dev`"
        )


def check_server(server: str) -> None:
    """Refuse what is neither `bundled` nor a URL, and a URL with a login, which is not repeated.

    Raises:
        UsageError: C110.
    """
    if "@" in server:
        hint = "leave it out: the environment file names variables that hold it, under `auth`"
        raise UsageError.of("C110", "the address of the server has a login in it", hint=hint)
    if server != "bundled" and not re.fullmatch(r"https?://[^\s/]+\S*", server):
        raise UsageError.of(
            "C110", f"{server!r} is no server", hint="`bundled`, or a URL such as https://kestra.example.com"
        )


def write_new(root: Path, files: Mapping[str, str]) -> list[str]:
    """Write files that are not there yet; returns their paths.

    Raises:
        FlowctlError: C111, one is there already (then none is written), or C112, one cannot be written.
    """
    there = [name for name in files if (root / name).exists()]
    if there:
        raise FlowctlError.of(
            "C111",
            f"{there[0]} exists already",
            hint="nothing was written; name another environment: flowctl init NAME",
        )
    try:
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise FlowctlError.of(
            "C112", f"cannot write {problem.filename}: {problem.strerror}", hint="check who owns the directory"
        ) from problem
    return list(files)


def ignore_state(root: Path) -> list[str]:
    """Make Git ignore `.flowctl/`; returns the changed file, or nothing when it was ignored already."""
    path = root / ".gitignore"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if IGNORED in text.splitlines():
        return []
    separator = "" if not text or text.endswith("\n") else "\n"
    path.write_text(f"{text}{separator}{IGNORED}\n", encoding="utf-8")
    return [".gitignore"]
