"""Which Python runs the scripts of a task."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from flowctl.engine.plugins.properties import BadProperty
from flowctl.engine.plugins.protocol import TaskFailure

_VERSION = re.compile(r"\d+(?:\.\d+){0,2}")


@lru_cache(maxsize=1)
def usual_python() -> str:
    """The interpreter behind `python3` of the search path. What is found there may be a wrapper that chooses one anew
    at each start, which costs more than the start itself: it is asked once."""
    found = shutil.which("python3") or shutil.which("python")
    return (_asked(found)[0] if found is not None else "") or found or sys.executable


def python_of(version: str | None) -> str:
    """The interpreter of a version (`3`, `3.12` or `3.12.1`; None: any): the usual one where it is that, else
    `pythonX.Y` of the search path.

    Raises:
        BadProperty: it is no version.
        TaskFailure: this machine has none.
    """
    if not version:
        return usual_python()
    if not _VERSION.fullmatch(version):
        raise BadProperty(f"`pythonVersion` must be a version such as 3.12, found {version!r}")
    names = (usual_python(), "python" + ".".join(version.split(".")[:2]))
    for name in names:
        found, its = _asked(name)
        if found and its[: version.count(".") + 1] == version.split("."):
            return found
    usual = ".".join(_asked(usual_python())[1])
    raise TaskFailure(
        f"`pythonVersion` {version} is not on this machine: python3 is {usual or 'not there'}, and the search path has "
        f"no {names[1]} of that version; install it, or take the property out"
    )


_known: dict[str, tuple[str, list[str]]] = {}
"""What interpreters said; one that is not there may be installed later, and is asked again."""


def _asked(name: str) -> tuple[str, list[str]]:
    """Path and version of an interpreter, as it says itself; an empty path when it cannot be run."""
    if name not in _known:
        found = _ask(name)
        if not found[0]:
            return found
        _known[name] = found
    return _known[name]


def _ask(name: str) -> tuple[str, list[str]]:
    say = "import sys; print(sys.executable, *sys.version_info[:3])"
    try:
        asked = subprocess.run([name, "-c", say], capture_output=True, text=True, check=False)
    except OSError:
        return "", []
    path, *version = asked.stdout.strip().rsplit(" ", 3) if asked.returncode == 0 else [""]
    return (path, version) if Path(path).is_file() else ("", [])
