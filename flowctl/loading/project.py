"""The files of one environment → `Project`, or all their problems at once. Nothing is contacted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowctl.loading.collecting import collection_put_off
from flowctl.loading.files import load_files
from flowctl.loading.flows import load_flows
from flowctl.loading.key_values.pairs import load_key_values
from flowctl.loading.knowledge.memory import Memory
from flowctl.loading.problems import Problems
from flowctl.loading.repository.git import start_stamp
from flowctl.loading.repository.pins import apply_pins
from flowctl.loading.tree import Tree, scan
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.project import Project


def load_project(workspace: Workspace, environment: Environment, environ: Mapping[str, str]) -> Project:
    """Everything that an environment's files want.

    An environment without any flow is no error here: planning decides what that means.

    Raises:
        ProjectError: all problems of all files, by path, line and column.
    """
    problems = Problems()
    stamp = start_stamp(workspace.root, [environment.path, *environment.layers])
    trees = [_scan(workspace, layer, environment, problems) for layer in environment.layers]
    remembered = workspace.state_dir / "memory"
    dialect = environment.dialect or "lenient"
    with collection_put_off():
        memory = Memory(remembered / f"{environment.name}.{dialect}.flows.json")
        flows = load_flows([tree.flows for tree in trees], dialect, memory, problems)
    files = load_files([tree.files for tree in trees], problems)
    key_values = load_key_values(
        [tree.key_values for tree in trees], environ, remembered / f"{environment.name}.kv.json", problems
    )
    memory.save()
    if environment.pins:
        apply_pins(workspace.root, environment, flows, problems)
    git = stamp.read()
    problems.stop_on_error()
    return Project(environment, dict(sorted(flows.items())), files, key_values, git, problems.rest())


def _scan(workspace: Workspace, layer: Path, environment: Environment, problems: Problems) -> Tree:
    return scan(str(workspace.root), str(layer.resolve()), environment.namespace, problems)
