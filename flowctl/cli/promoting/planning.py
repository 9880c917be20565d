"""The plan of the target with what is promoted in its files."""

from __future__ import annotations

from dataclasses import replace

from flowctl.cli.console import Console
from flowctl.cli.plans.prepare import Planned, Wishes, plan_project
from flowctl.cli.promoting.decide import Decided
from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.plan import Plan
from flowctl.model.project import Flow, GitStamp, NamespaceFile, Project
from flowctl.planning.selection import literal


def plan_promotion(console: Console, decided: Decided, wishes: Wishes, git: GitStamp | None = None) -> Planned:
    """What applying the promotion would do, and nothing besides: other pending changes of the target are left out.

    `git` says where the promoted texts stand; None for the work tree as it is.
    """
    project = promoted_project(decided)
    if git is not None:
        project = replace(project, git=git)
    chosen = replace(wishes, select=_selected(decided))
    planned = plan_project(console, decided.workspace, project, decided.live, decided.server, chosen)
    return replace(planned, plan=_at_home(planned.plan, decided))


def _at_home(plan: Plan, decided: Decided) -> Plan:
    """The plan with each file where it will be in the target; until then its bytes are read in the source."""
    places = {file.target.address: file.path for file in decided.promotion.files}
    changes = (replace(one, path=places.get(one.key.address, one.path)) for one in plan.changes)
    return replace(plan, changes=tuple(changes))


def promoted_project(decided: Decided) -> Project:
    """The target's files once the promotion is in them."""
    promotion, target = decided.promotion, decided.sides.target
    flows: dict[FlowKey, Flow] = dict(target.flows)
    for flow in promotion.flows:
        if flow.goes:
            flows[flow.target] = Flow(flow.target, flow.text, flow.digest, flow.path, flow.references)
    files: dict[FileKey, NamespaceFile] = dict(target.files)
    for file in promotion.files:
        files[file.target] = NamespaceFile(file.target, file.digest, file.size, file.origin)
    return replace(target, flows=dict(sorted(flows.items())), files=files)


def _selected(decided: Decided) -> tuple[str, ...]:
    """Globs that mean exactly the promoted objects."""
    promotion = decided.promotion
    keys = [flow.target for flow in promotion.flows if flow.goes] + [file.target for file in promotion.files]
    return tuple(literal(key.address) for key in keys)
