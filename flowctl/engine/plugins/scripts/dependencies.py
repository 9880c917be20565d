"""`dependencies` of Python scripts: an environment with these packages, made once and kept for the next run.

An environment is a directory of `RunContext.kept` named by everything that decides what is installed: the interpreter,
the sorted packages, and pip's own settings. The interpreter's packages stay importable behind those of the environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import Killed, RunContext, TaskFailure
from flowctl.engine.plugins.scripts import process
from flowctl.engine.plugins.scripts.files import OURS
from flowctl.engine.plugins.scripts.limits import Limits

MOST_ENVIRONMENTS = 20
"""Environments that are kept; of those that no task uses, the one that was used the longest time ago goes first."""
SHOWN_LINES = 20
"""Lines of pip that the message of a failure has, the last ones."""
READY = ".ready"
"""The end of the name of the file beside an environment that says that it is complete; its time is that of the last
use. A task's own user cannot write there."""
LOOK_BEHIND = """
import site, sys
with open(site.getsitepackages()[0] + "/behind.pth", "w") as stream:
    stream.writelines(f"import site; site.addsitedir({folder!r})\\n" for folder in sys.argv[1:])
"""
"""Run by an environment: it sees these folders behind its own."""
FOR_PIP = ("PIP_", "SSL_CERT_")
FOR_PIP_TOO = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
WAIT_SECONDS = 0.1
"""How often a task that waits for an environment looks whether it is to end."""


@dataclass(slots=True)
class _Use:
    """One environment: who makes it holds `making`; `users` are the tasks that run in it or wait for it."""

    making: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


_uses: dict[Path, _Use] = {}
_lock = threading.Lock()


@contextmanager
def provided(
    context: RunContext, properties: Properties, interpreter: str, *, needed: bool = False
) -> Iterator[Path | None]:
    """The environment of a task while it runs; None when it asks for no packages, unless it is `needed` all the same.

    Raises:
        BadProperty: `dependencies` is no list of packages.
        TaskFailure: they cannot be installed; the message has what pip said.
        Killed: the task is to end.
    """
    packages = wanted(properties)
    if not packages and not needed:
        yield None
        return
    settings = settings_of(os.environ, properties.mapping("env"))
    if not lasting(packages) or not properties.flag("dependencyCacheEnabled", True):
        home = context.directory / f"{OURS}python-{context.place.task_run_id}"
        _make(context, home, interpreter, packages, settings)
        yield home / "venv"
        return
    home = context.kept / "python" / name_of(packages, interpreter, settings)
    with _used(home) as use:
        _complete(context, use, home, interpreter, packages, settings)
        yield home / "venv"


def wanted(properties: Properties) -> list[str]:
    """The packages that a task asks for, sorted, each once.

    Raises:
        BadProperty: one of them is an option of pip.
    """
    packages = sorted({text.strip() for text in properties.texts("dependencies")} - {""})
    option = next((text for text in packages if text.startswith("-")), None)
    if option is not None:
        raise BadProperty(f"`dependencies` names packages, and {option!r} is an option; set `PIP_…` variables in `env`")
    return packages


def lasting(packages: list[str]) -> bool:
    """Whether the same texts mean the same packages in another run: a path may have other contents then."""
    return not any(text.startswith((".", "/", "~")) or "file:" in text for text in packages)


def settings_of(environ: Mapping[str, str], own: Mapping[str, object]) -> dict[str, str]:
    """What pip gets to know beside a task's usual environment: pip's variables and those about the way to an index, of
    the server, then of the task."""
    both = {**environ, **{name: str(value) for name, value in own.items()}}
    return {n: v for n, v in both.items() if n.upper().startswith(FOR_PIP) or n.upper() in FOR_PIP_TOO}


def name_of(packages: list[str], interpreter: str, settings: Mapping[str, str]) -> str:
    """The name of the environment that these make."""
    text = json.dumps([packages, interpreter, _version(interpreter), sorted(settings.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=20)
def _version(interpreter: str) -> str:
    asked = [interpreter, "-c", "import sys; print(sys.version)"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


@contextmanager
def _used(home: Path) -> Iterator[_Use]:
    with _lock:
        use = _uses.setdefault(home, _Use())
        use.users += 1
    try:
        yield use
    finally:
        with _lock:
            use.users -= 1
            if not use.users:
                del _uses[home]


def _complete(
    context: RunContext, use: _Use, home: Path, interpreter: str, packages: list[str], settings: Mapping[str, str]
) -> None:
    """Make the environment unless it is there; one task makes it, others wait."""
    while not use.making.acquire(timeout=WAIT_SECONDS):
        if context.killed.is_set():
            raise Killed
    try:
        ready = home.with_suffix(READY)
        if not ready.is_file():
            shutil.rmtree(home, ignore_errors=True)
            home.parent.mkdir(parents=True, exist_ok=True)
            home.parent.chmod(0o711)  # a task's own user passes, too
            _make(context, home, interpreter, packages, settings)
        ready.touch()
        _forget_some(home.parent)
    finally:
        use.making.release()


def _forget_some(parent: Path) -> None:
    """Remove environments that are too many, of those that nobody uses."""
    with _lock:
        ready = sorted(parent.glob(f"*{READY}"), key=lambda path: path.stat().st_mtime_ns)
        idle = [path for path in ready if path.with_suffix("") not in _uses]
        for path in idle[: max(len(ready) - MOST_ENVIRONMENTS, 0)]:
            path.unlink()
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)


def _make(context: RunContext, home: Path, interpreter: str, packages: list[str], settings: Mapping[str, str]) -> None:
    """Make an environment and install the packages."""
    home.mkdir(parents=True, exist_ok=True)
    venv = home / "venv"
    python = str(venv / "bin" / "python")
    if packages:
        context.log("DEBUG", f"installing {', '.join(packages)}")
    problem = "an environment for `dependencies` cannot be made"
    _call(context, home, {}, [interpreter, "-m", "venv", str(venv)], problem)
    _call(context, home, {}, [python, "-c", LOOK_BEHIND, *_folders(interpreter)], problem)
    if not packages:
        return
    pip = [python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--", *packages]
    directory = home if lasting(packages) else context.directory
    _call(context, directory, settings, pip, f"`dependencies` cannot be installed ({', '.join(packages)})")


@lru_cache(maxsize=20)
def _folders(interpreter: str) -> tuple[str, ...]:
    """Where the packages of an interpreter are."""
    asked = [interpreter, "-c", "import json, site; print(json.dumps(site.getsitepackages()))"]
    return tuple(json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout))


def _call(
    context: RunContext, directory: Path, settings: Mapping[str, str], arguments: list[str], problem: str
) -> None:
    """Run a program to its end. Its lines are in the log at level DEBUG.

    Raises:
        TaskFailure: it failed; the message is `problem` and its last lines.
        Killed: the task is to end.
    """
    last: deque[str] = deque(maxlen=SHOWN_LINES)

    def line(text: str, level: str) -> None:
        last.append(text)
        context.log("DEBUG", text)

    environment = {**process.base_environment(os.environ), **settings}
    try:
        running = process.start(arguments, directory, environment, line, Limits())
    except OSError as error:
        raise TaskFailure(f"{problem}: {arguments[0]} cannot be started: {error}") from error
    context.on_kill(running.stop)
    code = running.wait()
    if context.killed.is_set():
        raise Killed
    if code != 0:
        raise TaskFailure("\n".join([f"{problem}: exit code {code}", *last]))
