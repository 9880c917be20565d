#!/usr/bin/env python3
"""Development commands that need nothing but Python 3.11 and Git.

    python3 dev.py demo    install flowctl here, deploy the example project and run one of its flows
    python3 dev.py test    install what the tests need, then run ruff, mypy and pytest

Both may be run again at any time: what is done already is not done twice.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DEMO_ENVIRONMENT = "dev"
DEMO_FLOW = "dev/data-pipeline"
USAGE = f"usage: python3 {Path(__file__).name} demo | test [PYTEST ARGUMENTS]"


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    if sys.version_info < OLDEST:
        return complain(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}")
    if arguments[:1] == ["demo"] and len(arguments) == 1:
        return demo()
    if arguments[:1] == ["test"]:
        return test(arguments[1:])
    print(USAGE, file=sys.stderr)
    return 64


def demo() -> int:
    """Deploy the example project to the bundled server, and run one flow of it."""
    install("")
    return run_all(
        flowctl("plan", DEMO_ENVIRONMENT),
        flowctl("apply", DEMO_ENVIRONMENT, "--auto-approve"),
        flowctl("run", DEMO_FLOW, "-e", DEMO_ENVIRONMENT, "--follow"),
        after="The server goes on in the background: `.venv/bin/flowctl server stop` ends it.",
    )


def test(arguments: list[str]) -> int:
    """Run every check that a change has to pass."""
    install("dev")
    python = str(PYTHON)
    return run_all(
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [python, "-m", "pytest", "-n", os.environ.get("FLOWCTL_TEST_WORKERS", "2"), *arguments],
        after="All checks passed.",
    )


def install(extra: str) -> None:
    """Create `.venv` and install flowctl into it, unless that is done and `pyproject.toml` is the same.

    Raises:
        SystemExit: it cannot be installed; what was tried is on the terminal.
    """
    stamp = VENV / f"flowctl-installed-{extra or 'run'}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        must([sys.executable, "-m", "venv", str(VENV)], "on Debian and Ubuntu, install the package python3-venv")
    target = f".[{extra}]" if extra else "."
    must(
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target],
        "the package index has to be reachable; pip says above what went wrong",
    )
    stamp.write_text(wanted)


def flowctl(*arguments: str) -> list[str]:
    """A command line of the installed flowctl."""
    return [str(VENV / "bin" / "flowctl"), *arguments]


def run_all(*commands: list[str], after: str) -> int:
    """Run commands until one fails; returns its exit code, or 0."""
    for command in commands:
        code = announce(command)
        if code:
            return complain(f"`{spell(command)}` failed with exit code {code}", code)
    print(f"\n{after}", flush=True)
    return 0


def must(command: list[str], advice: str) -> None:
    """Run a command that has to succeed."""
    if announce(command):
        sys.exit(complain(f"`{spell(command)}` failed: {advice}"))


def announce(command: list[str]) -> int:
    """Print a command line and run it in the repository; returns its exit code."""
    print(f"\n$ {spell(command)}", flush=True)
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    except OSError as problem:
        return complain(f"cannot run {command[0]}: {problem.strerror}")


def spell(command: list[str]) -> str:
    """A command line as a reader would type it in the repository."""
    return shlex.join(word.removeprefix(f"{ROOT}{os.sep}") for word in command)


def complain(message: str, code: int = 1) -> int:
    """Print an error; returns the exit code."""
    print(f"dev.py: {message}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
