"""Write the first files of a workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
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
    """Refuse what is neither `bundled` nor a URL, a URL with a login, which is not repeated, or with the API's path.

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
    if api := re.search(r"(?<!/)/api(?:/|$)", server):
        hint = f"leave it out: --server {server[: api.start()]}"
        raise UsageError.of("C110", f"{server} has the path of the API in it, which flowctl adds itself", hint=hint)


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
    begun: list[Path] = []
    for name, text in files.items():
        path = root / name
        begun.append(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        except OSError as problem:
            _take_away(begun)
            hint = "make room, or check who owns the directory; nothing was kept of what was written"
            raise _cannot_write(name, problem, hint) from problem
    return list(files)


def _take_away(paths: list[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def ignore_state(root: Path) -> list[str]:
    """Make Git ignore `.flowctl/`; returns the changed file, or nothing when it was ignored already.

    Raises:
        FlowctlError: C112, it cannot be read or written.
    """
    path, line = root / ".gitignore", IGNORED.encode()
    try:
        there = path.read_bytes() if path.exists() else b""
        if line in there.splitlines():
            return []
        separator = b"" if not there or there.endswith(b"\n") else b"\n"
        path.write_bytes(there + separator + line + b"\n")
    except OSError as problem:
        raise _cannot_write(".gitignore", problem, f"add the line {IGNORED} yourself") from problem
    return [".gitignore"]


def _cannot_write(name: str, problem: OSError, hint: str) -> FlowctlError:
    return FlowctlError.of("C112", f"cannot write {name}: {problem.strerror}", hint=hint)
