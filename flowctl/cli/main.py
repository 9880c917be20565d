"""The composition root: the command group, and the one place where errors become output and exit codes."""

from __future__ import annotations


def main() -> None:
    """Run flowctl with the process's arguments."""
    raise SystemExit(0)
