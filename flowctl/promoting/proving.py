"""Which flows have proven themselves in the source: every reason why one has not, none when it has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from flowctl.model.environment import PromotionPolicy
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState
from flowctl.model.project import Flow, Project
from flowctl.model.promotion import AllowedUnproven, Evidence, PromotedFlow

Committed = Callable[[Flow], bool]


@dataclass(frozen=True, slots=True)
class Source:
    """The source as it is: its files, its server, what Git holds (`committed`), and how its flows have run."""

    project: Project
    live: LiveState
    committed: Committed
    evidence: Mapping[FlowKey, Evidence]

    def out_of_step(self, key: FlowKey) -> str | None:
        """Why the server does not run what Git holds of a flow; None when it does."""
        flow, live = self.project.flows.get(key), self.live.flows.get(key)
        name = self.project.environment.name
        if flow is None:
            return f"there is no file of it in {name}"
        if live is None:
            return f"it is not deployed to {name}"
        if live.digest != flow.digest:
            return f"{name} runs another text (revision {live.revision}) than the file has"
        if not self.committed(flow):
            return f"{flow.path} is not committed as it is"
        return None


def reasons(flow: PromotedFlow, source: Source, policy: PromotionPolicy, now: datetime) -> tuple[str, ...]:
    """Everything that speaks against one flow, apart from the flows that go with it."""
    found = source.out_of_step(flow.source)
    evidence = source.evidence.get(flow.source)
    own = [found] if found is not None else _unproven(evidence, policy, now) if evidence is not None else []
    return (*own, *_callees(flow, source))


def _unproven(evidence: Evidence, policy: PromotionPolicy, now: datetime) -> list[str]:
    """What is missing of what the policy demands."""
    found = []
    if evidence.green < policy.runs:
        found.append(f"revision {evidence.revision} has run green {evidence.green} of {policy.runs} times")
    if policy.days > 0:
        found += _too_young(evidence, policy.days, now)
    if evidence.failure_share > policy.max_failures:
        share = f"{evidence.failed} of {evidence.failed + evidence.green} runs failed"
        found.append(f"{share}, more than the share of {policy.max_failures:g} that is allowed")
    return found


def _too_young(evidence: Evidence, days: float, now: datetime) -> list[str]:
    if evidence.deployed_at is None:
        return [f"the server does not say since when it has revision {evidence.revision}"]
    age = (now - evidence.deployed_at).total_seconds() / 86400
    return [f"deployed {age:.1f} of {days:g} days ago"] if age < days else []


def _callees(flow: PromotedFlow, source: Source) -> list[str]:
    """What it calls in the source has to be there, and as Git holds it: else the evidence is about something else."""
    found = []
    for reference in source.project.flows[flow.source].references:
        key = FlowKey(reference.namespace, reference.flow_id)
        if reference.dynamic or key == flow.source or not source.project.environment.owns_namespace(key.namespace):
            continue
        problem = source.out_of_step(key)
        if problem is not None:
            found.append(f"{key}, which {reference.place} names: {problem}")
    return found


def judge(
    flows: Mapping[FlowKey, PromotedFlow],
    source: Source,
    policy: PromotionPolicy,
    allowed: AllowedUnproven,
    now: datetime,
    left_out: Collection[FlowKey] = (),
) -> dict[FlowKey, PromotedFlow]:
    """The flows with their evidence and everything that speaks against them.

    `left_out` are flows that differ and do not go along: what calls them would call an older text, or nothing.
    `allowed` maps names (`NS/ID` in the source) to the reason that was given. A flow cannot go when one that goes
    with it and that it calls cannot.
    """
    required = _required(source, policy, now)
    judged = {}
    for key, flow in flows.items():
        stays = [called for called in calls_of(source.project.flows[key]) if called in left_out]
        older = (f"it calls {called}, which is older or missing in the target and left out" for called in stays)
        found = (*reasons(flow, source, policy, now), *older, *required)
        given = allowed.get(str(key)) if found else None
        judged[key] = replace(flow, evidence=source.evidence.get(key), reasons=found, allowed=given)
    return _with_callers(judged, source, allowed)


def _required(source: Source, policy: PromotionPolicy, now: datetime) -> tuple[str, ...]:
    """What speaks against the flows that `policy.promotion.require` names, differing or not."""
    found = []
    for key in required_flows(source.project, policy):
        evidence = source.evidence.get(key)
        problem = source.out_of_step(key)
        problems = [problem] if problem else _unproven(evidence, policy, now) if evidence is not None else []
        found += [f"{key}, which is required: {one}" for one in problems]
    return tuple(found)


def required_flows(project: Project, policy: PromotionPolicy) -> tuple[FlowKey, ...]:
    """The source's flows that have to be proven whatever is promoted."""
    return tuple(key for key in project.flows if any(fnmatchcase(str(key), glob) for glob in policy.require))


def _with_callers(
    judged: dict[FlowKey, PromotedFlow], source: Source, allowed: AllowedUnproven
) -> dict[FlowKey, PromotedFlow]:
    """Until nothing changes: what calls a flow that cannot go cannot go either."""
    moved = True
    while moved:
        moved = False
        for key, flow in judged.items():
            for called in calls_of(source.project.flows[key]):
                callee = judged.get(called)
                reason = f"it calls {called}, which cannot go"
                if callee is not None and called != key and not callee.goes and reason not in flow.reasons:
                    flow = replace(flow, reasons=(*flow.reasons, reason), allowed=allowed.get(str(key)))
                    judged[key], moved = flow, True
    return judged


def calls_of(flow: Flow) -> tuple[FlowKey, ...]:
    """The flows that a flow names, expressions left out."""
    return tuple(FlowKey(one.namespace, one.flow_id) for one in flow.references if not one.dynamic)


def closure(
    selected: set[FlowKey], flows: Mapping[FlowKey, PromotedFlow], project: Project
) -> dict[FlowKey, PromotedFlow]:
    """The selected flows and those differing ones that they need at any depth, in the order of `flows`."""
    brought: dict[FlowKey, FlowKey | None] = dict.fromkeys(selected)
    queue = list(selected)
    while queue:
        caller = queue.pop()
        for called in calls_of(project.flows[caller]):
            if called in flows and called not in brought:
                brought[called] = caller
                queue.append(called)
    return {key: replace(flow, needed_by=brought[key]) for key, flow in flows.items() if key in brought}
