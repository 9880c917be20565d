"""Which environments a change touches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flowctl.cli.workspace import here
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.repository import git
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment


def names_touched(changed_since: str | None) -> list[str]:
    """The environments of this workspace that a change since a commit touches; all when none is named.

    Raises:
        ProjectError: Git does not know the commit, or cannot be asked.
    """
    workspace = here()
    changed = git.changed_since(workspace.root, changed_since) if changed_since else None
    return [environment.name for environment in touched(workspace, changed)]


def touched(workspace: Workspace, changed: Iterable[str] | None) -> list[Environment]:
    """Environments with a server of their own, by name: all of them, or those with a changed file.

    The bundled server lives in one workspace only, so no job can reach it.
    """
    environments = [load_environment(workspace, name) for name in workspace.environment_names()]
    reachable = [environment for environment in environments if not environment.bundled]
    if changed is None:
        return reachable
    files = [workspace.root / path for path in changed]
    return [environment for environment in reachable if any(_concerns(environment, file) for file in files)]


def _concerns(environment: Environment, file: Path) -> bool:
    return file == environment.path or any(file.is_relative_to(layer) for layer in environment.layers)
