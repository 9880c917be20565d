"""Flows that differ from the environment that promotes from this one, and have not proven themselves here."""

from __future__ import annotations

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.workspace import Workspace


def unproven_flows(console: Console, workspace: Workspace, source: str) -> dict[str, list[str]]:
    """Target's name → `NS/ID: why it cannot go`, for every environment with `promotes_from: SOURCE`.

    A target that cannot be looked at has one entry that says so: nothing passes unchecked.
    """
    return {name: _towards(console, workspace, source, name) for name in _targets(workspace, source)}


def _targets(workspace: Workspace, source: str) -> list[str]:
    found = []
    for name in workspace.environment_names():
        try:
            if load_environment(workspace, name).promotes_from == source:
                found.append(name)
        except FlowctlError:
            continue
    return found


def _towards(console: Console, workspace: Workspace, source: str, target: str) -> list[str]:
    from flowctl.cli.promoting.decide import decide
    from flowctl.cli.promoting.options import PromoteWishes

    try:
        flows = decide(console, workspace, source, target, PromoteWishes()).promotion.flows
    except FlowctlError as problem:
        return [f"not checkable: {problem}"]
    return [f"{flow.source}: {flow.reasons[0]}" for flow in flows if flow.reasons]
