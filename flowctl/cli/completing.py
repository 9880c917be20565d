"""What a shell offers for names: environments, flows of the files, plan files, error codes.

Completion looks at files only: no server is started or asked, and where the files are unsound nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from flowctl.loading.workspace import Workspace


def complete_environment(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Environment names; nothing outside a workspace."""
    workspace = _workspace(context)
    return _beginning(workspace.environment_names() if workspace else (), incomplete)


def complete_plan(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Environment names and plan files."""
    return complete_environment(context, parameter, incomplete) + _plan_files(context, incomplete)


def complete_flow(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """`NS/ID` of the files of the environment that the command line names, or of all; `ENV:` before it stays."""
    workspace = _workspace(context)
    if workspace is None:
        return []
    prefix, colon, _ = incomplete.rpartition(":")
    named = prefix or _named(context)
    names = workspace.environment_names() if named is None else (named,)
    found = {f"{prefix}{colon}{key}" for name in names for key in _flows(workspace, name)}
    return _beginning(sorted(found), incomplete)


def complete_plan_or_flow(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Plan files and flows."""
    return _plan_files(context, incomplete) + complete_flow(context, parameter, incomplete)


def complete_code(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Codes that have a page."""
    from flowctl.cli.pages import all_pages

    return _beginning((page.code for page in all_pages()), incomplete.upper())


def complete_directory(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Directories, which the shell finds itself."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def _place(context: click.Context) -> Path:
    """Where the command would work: `-C` is only read, not obeyed, while a line is completed."""
    from pathlib import Path

    return Path(context.find_root().params.get("chdir") or ".")


def _workspace(context: click.Context) -> Workspace | None:
    from flowctl.errors import FlowctlError
    from flowctl.loading.workspace import find_workspace

    try:
        return find_workspace(_place(context))
    except FlowctlError:
        return None


def _named(context: click.Context) -> str | None:
    name = context.params.get("environment")
    return name if isinstance(name, str) else None


def _flows(workspace: Workspace, name: str) -> Iterable[str]:
    from flowctl.errors import FlowctlError
    from flowctl.loading.configuration.environments import load_environment
    from flowctl.loading.project import load_project

    try:
        return map(str, load_project(workspace, load_environment(workspace, name), {}).flows)
    except FlowctlError:
        return ()


def _plan_files(context: click.Context, incomplete: str) -> list[str]:
    place = _place(context)
    folder, slash, _ = incomplete.rpartition("/")
    found = (place / (folder or slash)).glob("*.json")
    return _beginning(sorted(f"{folder}{slash}{path.name}" for path in found), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
