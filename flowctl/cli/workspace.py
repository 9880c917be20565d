"""Which workspace and which environment a command is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from flowctl.errors import ProjectError, UsageError
from flowctl.loading.workspace import Workspace, find_workspace
from flowctl.model.environment import Environment


def here() -> Workspace:
    """The workspace around the current directory.

    Raises:
        ProjectError: there is none.
    """
    return find_workspace(Path.cwd())


def open_environment(workspace: Workspace, given: str | None, environ: Mapping[str, str]) -> Environment:
    """The environment that was named, or the only sensible one; see `choose`."""
    from flowctl.loading.configuration.environments import load_environment

    name = choose(given, environ, workspace.settings.environment, workspace.environment_names())
    try:
        return load_environment(workspace, name)
    except ProjectError as problem:
        first = problem.diagnostics[0]
        if first.code != "F103" or given:
            raise
        who = "FLOWCTL_ENV names it" if environ.get("FLOWCTL_ENV") else "flowctl.yaml names it, under `environment`"
        raise ProjectError(replace(first, detail=who)) from None


def choose(given: str | None, environ: Mapping[str, str], default: str | None, names: Sequence[str]) -> str:
    """The environment's name: as given, else `FLOWCTL_ENV`, else the workspace's default, else the only one.

    Raises:
        UsageError: none of these says which.
    """
    name = given or environ.get("FLOWCTL_ENV") or default
    if name:
        return name
    if len(names) == 1:
        return names[0]
    hint = f"name one of: {', '.join(names)}" if names else "`flowctl init` makes a first one"
    raise UsageError.of("C103", "which environment? None was named, and FLOWCTL_ENV is not set", hint=hint)
