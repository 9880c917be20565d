"""Check the files of environments and the settings of the workspace, and say what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flowctl.cli.console import Console
from flowctl.errors import ProjectError
from flowctl.loading.workspace import SETTINGS, Workspace
from flowctl.model.diagnostic import Diagnostic

Diagnostics = tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One environment's files: how many objects there are, and what is wrong or doubtful."""

    environment: str
    flows: int
    files: int
    kv: int
    diagnostics: Diagnostics

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def check_environment(workspace: Workspace, name: str, console: Console) -> Checked:
    """Load one environment's project; its problems are returned, not raised."""
    from flowctl.cli.reading import read_project
    from flowctl.loading.configuration.environments import load_environment

    try:
        project = read_project(console, workspace, load_environment(workspace, name))
    except ProjectError as problem:
        return Checked(name, 0, 0, 0, problem.diagnostics)
    return Checked(name, len(project.flows), len(project.files), len(project.kv), project.diagnostics)


def check_settings(workspace: Workspace) -> Diagnostics:
    """What is wrong with the workspace's `flowctl.yaml`; nothing when there is none."""
    from flowctl.loading.configuration.environments import unknown_environment

    try:
        default = workspace.settings.environment
    except ProjectError as problem:
        return problem.diagnostics
    if default is None or default in workspace.environment_names():
        return ()
    return unknown_environment(workspace, default, path=SETTINGS).diagnostics


def show_findings(console: Console, settings: Diagnostics, checked: Sequence[Checked]) -> None:
    """Print what was found, as text or, with `--json`, as one document."""
    if console.json:
        console.show(_json(settings, checked))
        return
    from flowctl.views.values import objects

    if settings:
        _show(console, SETTINGS, settings)
    for one in checked:
        _show(console, one.environment, one.diagnostics)
        if not one.failed:
            console.show(f"{one.environment}: sound ({objects(one.flows, one.files, one.kv)})")


def _show(console: Console, name: str, diagnostics: Diagnostics) -> None:
    """Say what is wrong, and show how much of it stands in the way."""
    from flowctl.cli.terminal.excerpts import line_reader
    from flowctl.views.diagnostics import diagnostics_text
    from flowctl.views.values import plural

    if diagnostics:
        read_line = line_reader(Path.cwd())
        console.say(diagnostics_text(diagnostics, colour=console.error_colour, read_line=read_line))
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if errors:
        console.show(f"{name}: {plural(errors, 'error')}")


def _json(settings: Diagnostics, checked: Sequence[Checked]) -> str:
    import json

    environments = [{"environment": one.environment, **_found(one.diagnostics, one.failed)} for one in checked]
    document = {"format": "1.0", "settings": _found(settings, bool(settings)), "environments": environments}
    return json.dumps(document, indent=2)


def _found(diagnostics: Diagnostics, failed: bool) -> dict[str, object]:
    from dataclasses import asdict

    return {"sound": not failed, "diagnostics": [asdict(diagnostic) for diagnostic in diagnostics]}
