"""The project of an environment as a commit has it, read from a clone that shares the repository's objects.

The user's work tree, index and branches are not touched.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flowctl.errors import ProjectError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.project import load_project
from flowctl.loading.repository.git import resolve
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.project import Project


@contextmanager
def project_at(
    workspace: Workspace, environment: Environment, reference: str, environ: Mapping[str, str]
) -> Iterator[Project]:
    """What an environment's files wanted at a commit, branch or tag; its files can be read while the context lasts.

    Which files belong to it (`flows`, `pins`) is said by the environment's file of that commit, where the server is
    and what is allowed by the present one.

    Raises:
        ProjectError: no such commit (F50x), no such environment there, or its files are unsound.
    """
    commit = resolve(workspace.root, reference)
    with tempfile.TemporaryDirectory(prefix="flowctl-") as directory:
        earlier = Workspace(_check_out(workspace.root, commit, Path(directory).resolve() / "tree"))
        then = load_environment(earlier, environment.name)
        if then.namespace != environment.namespace:
            raise _another_namespace(environment, then, commit)
        project = load_project(earlier, then, environ)
        present = replace(environment, layers=then.layers, pins=then.pins)
        git = replace(project.git, branch=None, remote=None) if project.git is not None else None
        yield replace(project, environment=present, git=git)


def _check_out(root: Path, commit: str, target: Path) -> Path:
    """The workspace's directory in a fresh clone at a commit."""
    prefix = _git(root, "rev-parse", "--show-prefix").strip()
    top = _git(root, "rev-parse", "--show-toplevel").strip()
    _git(root, "clone", "--quiet", "--shared", "--no-checkout", top, str(target))
    _git(target, "checkout", "--quiet", "--detach", commit)
    return target / prefix


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        hint = f"run it yourself: git {' '.join(arguments[:2])}"
        raise ProjectError.of("F504", "Git failed", detail=words[-1] if words else "", hint=hint)
    return done.stdout


def _another_namespace(environment: Environment, then: Environment, commit: str) -> ProjectError:
    return ProjectError.of(
        "F509",
        f"at commit {commit[:12]} the environment {environment.name} had the namespace {then.namespace}",
        f"now it has {environment.namespace}; what was applied there is another ledger's",
        "go back to a commit after the change of `namespace`",
    )
