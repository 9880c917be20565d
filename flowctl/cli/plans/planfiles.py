"""Saved plans on disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError, PlanError, UsageError
from flowctl.model.plan import Plan

LIMIT = 512 * 1024 * 1024


def names_plan(argument: str | None) -> bool:
    """Whether an argument names a plan file: it ends in `.json` (environments cannot)."""
    return argument is not None and argument.endswith(".json")


def save_plan(console: Console, plan: Plan, path: Path) -> None:
    """Write a plan file whole or not at all, readable by its owner, and say how to apply it.

    Raises:
        UsageError: C106, the name would later be taken for an environment.
        FlowctlError: C107, it cannot be written.
    """
    import shlex

    from flowctl.planfile.codec import dumps

    check_name(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(dumps(plan), encoding="utf-8")
        draft.replace(path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise FlowctlError.of(
            "C107",
            f"cannot write {path}: {problem.strerror}",
            hint="give --out a file in a directory that exists, on a disk with room",
        ) from problem
    console.say(f"Saved the plan to {path}. To do exactly this: flowctl apply {shlex.quote(str(path))}")


def check_name(path: Path | None) -> None:
    """Refuse a plan file that `apply` would not recognise.

    Raises:
        UsageError: C106.
    """
    if path is not None and path.suffix != ".json":
        raise UsageError.of("C106", f"{path} is no name for a plan file", hint="a plan file's name ends in .json")


def read_plan(path: Path) -> Plan:
    """The plan in a file.

    Raises:
        FlowctlError: C108, it cannot be read; PlanError, it is no sound plan of this version.
    """
    from flowctl.planfile.codec import loads

    try:
        if path.stat().st_size > LIMIT:
            raise FlowctlError.of(
                "C108", f"{path} is too large to be a plan", hint="make it anew: `flowctl plan ENV --out FILE.json`"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        hint = "make one with `flowctl plan ENV --out FILE.json`"
        raise FlowctlError.of("C108", f"cannot read the plan file {path}: {reason}", hint=hint) from problem
    try:
        return loads(text)
    except PlanError as problem:
        raise PlanError(*(replace(one, path=one.path or str(path)) for one in problem.diagnostics)) from problem
