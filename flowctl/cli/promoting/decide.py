"""Both environments, read and compared: which flows differ, and which of them may go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flowctl.cli.connecting import connect_to
from flowctl.cli.console import Console
from flowctl.cli.operating.calls import Calls, open_calls
from flowctl.cli.promoting.facts import read_facts
from flowctl.cli.promoting.options import PromoteWishes
from flowctl.cli.promoting.runs import read_evidence
from flowctl.cli.promoting.veiling import veiled
from flowctl.cli.reading import read_live, read_project
from flowctl.cli.terminal.excerpts import masked
from flowctl.cli.workspace import open_environment
from flowctl.errors import PlanError, UsageError
from flowctl.loading.repository.git import text_at
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState
from flowctl.model.project import Flow
from flowctl.model.promotion import PromotedFlow, Promotion
from flowctl.planning.selection import Selection, matches
from flowctl.promoting.carrying import files_along
from flowctl.promoting.differing import Differences, Sides, differences
from flowctl.promoting.proving import Source, closure, judge, required_flows
from flowctl.promoting.readiness import needs
from flowctl.promoting.uses import uses_of
from flowctl.remote.port import Server


@dataclass(frozen=True, slots=True)
class Decided:
    """A promotion with both sides' files, and the target's server as it was read."""

    promotion: Promotion
    sides: Sides
    workspace: Workspace
    server: Server
    live: LiveState

    @property
    def target(self) -> Environment:
        """The target's environment."""
        return self.sides.target.environment


def decide(console: Console, workspace: Workspace, source: str, target: str, wishes: PromoteWishes) -> Decided:
    """Read both environments and judge what differs.

    Raises:
        PlanError: P301, the target promotes from another environment.
        UsageError: C151, source and target are the same; C152, an allowed flow does not differ or does not exist.
    """
    origin, aim = _environments(console, workspace, source, target)
    sides = _sides(console, workspace, origin, aim)
    found = differences(sides)
    chosen = _chosen(found, sides, wishes)
    now = datetime.now(UTC)
    policy = aim.policy.promotion
    live = read_live(console, origin, connect_to(workspace, origin, console))
    keys = {*chosen, *required_flows(sides.source, policy)}
    evidence = read_evidence(open_calls(console, source), live, sorted(keys)) if keys else {}
    proven = Source(sides.source, live, _committed(workspace.root), evidence)
    allowed = dict(wishes.allow or {})
    _check_allowed(allowed, chosen)
    judged = judge(chosen, proven, policy, allowed, now, found.flows.keys() - chosen.keys())
    promotion = Promotion(
        source,
        target,
        now,
        flows=tuple(veiled(flow) for flow in judged.values()),
        equal=found.equal,
        only_in_target=found.only_in_target,
        problems=found.problems,
        commit=sides.source.git.commit if sides.source.git is not None else None,
    )
    server = connect_to(workspace, aim, console)
    decided = Decided(promotion, sides, workspace, server, read_live(console, aim, server))
    return _with_surroundings(decided, open_calls(console, target))


def _with_surroundings(decided: Decided, calls: Calls) -> Decided:
    """The files that go along, and what the target lacks."""
    going = [flow for flow in decided.promotion.flows if flow.goes]
    uses = {flow.target: uses_of(flow.text) for flow in going}
    files = files_along(going, uses, decided.sides)
    facts = read_facts(going, uses, decided.sides, decided.live, decided.server, calls)
    lacking = needs(going, files, uses, facts)
    return replace(decided, promotion=replace(decided.promotion, files=files, needs=lacking))


def _environments(console: Console, workspace: Workspace, source: str, target: str) -> tuple[Environment, Environment]:
    if source == target:
        raise UsageError.of("C151", f"{source} cannot be promoted to itself", hint="name the source, then the target")
    origin, aim = (open_environment(workspace, name, console.environ) for name in (source, target))
    if aim.promotes_from is not None and aim.promotes_from != source:
        hint = f"flowctl promote {aim.promotes_from} {target}, or change `promotes_from`"
        summary = f"{target} promotes from {aim.promotes_from}, not from {source}"
        raise PlanError.of("P301", summary, hint=hint, path=workspace.relative(aim.path))
    return origin, aim


def _sides(console: Console, workspace: Workspace, source: Environment, target: Environment) -> Sides:
    here = read_project(console, workspace, source)
    there = read_project(console, workspace, target)
    unpinned = read_project(console, workspace, replace(target, pins={})) if target.pins else there
    return Sides(here, there, unpinned, workspace.root, lambda path: _read(workspace.root / path), masked)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _chosen(found: Differences, sides: Sides, wishes: PromoteWishes) -> dict[FlowKey, PromotedFlow]:
    """The flows that differ and were selected, by their name in the source or the target, and what they need."""
    selection = Selection(wishes.select, wishes.exclude)
    offered = {
        key: flow
        for key, flow in found.flows.items()
        if _not_excluded(selection, key) and _not_excluded(selection, flow.target)
    }
    selected = {
        key
        for key, flow in offered.items()
        if not wishes.select or selection.includes(key, None) or selection.includes(flow.target, None)
    }
    return closure(selected, offered, sides.source)


def matching_nothing(decided: Decided, select: Iterable[str]) -> list[str]:
    """The patterns that match no flow of the source, neither by its name there nor by that in the target."""
    sides = decided.sides
    names = [*sides.source.flows, *(sides.route.flow(key) for key in sides.source.flows)]
    return [pattern for pattern in select if not any(matches(key, (pattern,)) for key in names)]


def _not_excluded(selection: Selection, key: FlowKey) -> bool:
    return replace(selection, select=()).includes(key, None)


def _check_allowed(allowed: dict[str, str], chosen: dict[FlowKey, PromotedFlow]) -> None:
    names = {str(key) for key in chosen}
    for name in allowed:
        if name not in names:
            hint = f"name flows of the source that differ: {', '.join(sorted(names)) or 'there are none'}"
            raise UsageError.of("C152", f"{name} is not among what would be promoted", hint=hint)


def _committed(root: Path) -> Callable[[Flow], bool]:
    """Whether a flow's file stands in the last commit as it is in the work tree."""

    def committed(flow: Flow) -> bool:
        return text_at(root, "HEAD", flow.path) == (root / flow.path).read_bytes()

    return committed
