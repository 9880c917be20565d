"""Flows that differ from the environment that promotes from this one, and have not proven themselves here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import FlowKey


@dataclass(frozen=True, slots=True)
class Unproven:
    """A flow that cannot go to `target`, and why. `flow` is None where the target cannot be looked at."""

    target: str
    flow: FlowKey | None
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """On one line, with the first reason."""
        return f"for {self.target}: {'not checkable' if self.flow is None else self.flow}: {self.reasons[0]}"


def unproven_flows(console: Console, workspace: Workspace, source: str) -> list[Unproven]:
    """What cannot go yet to any environment with `promotes_from: SOURCE`.

    A target that cannot be looked at has one entry that says so: nothing passes unchecked.
    """
    return [one for name in _targets(workspace, source) for one in _towards(console, workspace, source, name)]


def _targets(workspace: Workspace, source: str) -> list[str]:
    found = []
    for name in workspace.environment_names():
        try:
            if load_environment(workspace, name).promotes_from == source:
                found.append(name)
        except FlowctlError:
            continue
    return found


def _towards(console: Console, workspace: Workspace, source: str, target: str) -> Iterator[Unproven]:
    from flowctl.cli.promoting.decide import decide
    from flowctl.cli.promoting.options import PromoteWishes

    try:
        flows = decide(console, workspace, source, target, PromoteWishes()).promotion.flows
    except FlowctlError as problem:
        yield Unproven(target, None, (str(problem),))
        return
    yield from (Unproven(target, flow.source, flow.reasons) for flow in flows if flow.reasons)
