"""Check environments' files and say what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowctl.cli.console import Console
from flowctl.errors import ProjectError
from flowctl.loading.workspace import Workspace
from flowctl.model.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Checked:
    """One environment's files: how many objects there are, and what is wrong or doubtful."""

    environment: str
    flows: int
    files: int
    kv: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def check_environment(workspace: Workspace, name: str, environ: Mapping[str, str]) -> Checked:
    """Load one environment's project; its problems are returned, not raised."""
    from flowctl.loading.environments import load_environment
    from flowctl.loading.project import load_project

    try:
        project = load_project(workspace, load_environment(workspace, name), environ)
    except ProjectError as problem:
        return Checked(name, 0, 0, 0, problem.diagnostics)
    return Checked(name, len(project.flows), len(project.files), len(project.kv), project.diagnostics)


def show_findings(console: Console, checked: Sequence[Checked]) -> None:
    """Print what was found, as text or, with `--json`, as one document."""
    if console.json:
        console.show(_json(checked))
        return
    from flowctl.cli.excerpts import line_reader
    from flowctl.views.diagnostics import diagnostics_text
    from flowctl.views.values import objects

    read_line = line_reader(Path.cwd())
    for one in checked:
        if one.diagnostics:
            console.say(diagnostics_text(one.diagnostics, colour=console.error_colour, read_line=read_line))
        if one.failed:
            errors = sum(diagnostic.severity == "error" for diagnostic in one.diagnostics)
            console.show(f"{one.environment}: {errors} error{'s' if errors != 1 else ''}")
        else:
            console.show(f"{one.environment}: sound ({objects(one.flows, one.files, one.kv)})")


def _json(checked: Sequence[Checked]) -> str:
    import json
    from dataclasses import asdict

    environments = [
        {"environment": one.environment, "sound": not one.failed, "diagnostics": [asdict(d) for d in one.diagnostics]}
        for one in checked
    ]
    return json.dumps({"format": "1.0", "environments": environments}, indent=2)
