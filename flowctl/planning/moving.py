"""What a move of an environment to another server does: pure, over both servers' states and the target's plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flowctl.flowtext.document import parse
from flowctl.flowtext.problems import YamlProblem
from flowctl.model.activity import Activity
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Environment
from flowctl.model.history import HistoryEntry
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import Ledger
from flowctl.model.live import LiveState
from flowctl.model.moving import Move, is_done, mark_of
from flowctl.model.plan import Change, Plan
from flowctl.model.project import Flow, Project

WEBHOOK = ".Webhook"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two environments: its files, its server, and what a plan of it would change."""

    environment: Environment
    project: Project
    live: LiveState
    plan: Plan


def carried_ledger(source: LiveState, target: LiveState) -> Ledger | None:
    """The ledger that the target goes on with: the same lineage and serial, and nothing written yet. Coming back, what
    the target still has is kept. None when the target is as far as the source, or has a lineage of its own."""
    ledger, there = source.ledger, target.ledger
    if ledger is None or (there is not None and (there.lineage != ledger.lineage or there.serial >= ledger.serial)):
        return None
    entries = {} if there is None else there.entries
    return replace(ledger, entries=entries)


def build_move(source: Side, target: Side, activity: Activity, history: Sequence[HistoryEntry]) -> Move:
    """The move, with the reasons why it may not be done among the refusals of its plan."""
    ledger = carried_ledger(source.live, target.live)
    plan = replace(target.plan, refusals=(*_refusals(source, target), *target.plan.refusals))
    triggers = [one for one in activity.triggers if one.flow in source.project.flows]
    lock = source.live.lock
    values = sorted(source.live.kv.keys() - source.project.kv.keys() - target.live.kv.keys())
    return Move(
        source.environment.name,
        target.environment.name,
        target.environment.namespace,
        source.live.server.url,
        plan,
        values=tuple(values),
        expiries={key: until for key in values if (until := source.live.kv[key].expires) is not None},
        files=tuple(sorted(source.live.files.keys() - source.project.files.keys() - target.live.files.keys())),
        fire=tuple(one for one in triggers if not one.disabled),
        rest=tuple(one for one in triggers if one.disabled and not _ours(source, target, one.flow, one.trigger_id)),
        running={key: what for key in sorted(source.project.flows) if (what := activity.running(key))},
        left=tuple(key for key in source.plan.unmanaged if isinstance(key, FlowKey)),
        webhooks=tuple(key for key, flow in sorted(source.project.flows.items()) if _has_webhook(flow)),
        ledger=ledger,
        history=tuple(history) if ledger is not None else (),
        done=is_done(lock) and mark_of(lock) == target.environment.name and plan.empty and not values,
    )


def _ours(source: Side, target: Side, flow: FlowKey, trigger_id: str) -> bool:
    """Whether a trigger is switched off by a move to the same target that was cut short, and by nobody else."""
    lock = source.live.lock
    return lock is not None and mark_of(lock) == target.environment.name and (flow, trigger_id) in lock.paused


def _has_webhook(flow: Flow) -> bool:
    if WEBHOOK not in flow.source:
        return False
    try:
        value = parse(flow.source).value
    except YamlProblem:
        return False
    triggers = value.get("triggers") if isinstance(value, dict) else None
    rows = triggers if isinstance(triggers, list) else []
    return any(isinstance(row, dict) and str(row.get("type")).endswith(WEBHOOK) for row in rows)


def _refusals(source: Side, target: Side) -> Iterator[Diagnostic]:
    one, other = source.environment, target.environment
    if source.live.server.id == target.live.server.id and source.live.server.tenant == target.live.server.tenant:
        yield _refusal(f"{one.name} and {other.name} are on the same server", source.live.server.url)
    if (one.namespace, one.owns) != (other.namespace, other.owns):
        yield _refusal(
            f"{one.name} and {other.name} own different namespaces",
            f"{one.namespace} there, {other.namespace} here",
            "to bring flows into another namespace: flowctl promote",
        )
    elif different := _different(source.project, target.project):
        yield _refusal(
            f"the files of {one.name} and {other.name} differ in {len(different)} objects",
            ", ".join(key.address for key in different[:5]),
            f"let both name the same `flows`; a move changes the server and nothing else ({other.path})",
        )
    yield from _unsettled(source, target)


def _unsettled(source: Side, target: Side) -> Iterator[Diagnostic]:
    one, other = source.environment.name, target.environment.name
    mine, theirs = source.live.ledger, target.live.ledger
    if mine is None:
        yield _refusal(f"nothing was applied to {one} yet", "there is nothing to move", f"flowctl apply {other}")
    elif theirs is not None and theirs.lineage != mine.lineage:
        yield _refusal(
            f"{other} is an environment of its own already",
            f"its ledger is at serial {theirs.serial} and did not come from {one}",
            f"deploy to it with flowctl apply {other}",
        )
    changes = source.plan.changes
    if changes and mine is not None:
        differ = "1 object differs" if len(changes) == 1 else f"{len(changes)} objects differ"
        yield _refusal(
            f"{one} is not settled: {differ} between its files and its server",
            ", ".join(change.key.address for change in changes[:5]),
            f"flowctl apply {one}{_resuming(changes)}, or flowctl pull {one}, and move then",
        )


def _resuming(changes: Sequence[Change]) -> str:
    """The options without which apply would leave flows as they were disabled on the server."""
    off = [
        change.key
        for change in changes
        if any(field.place == "disabled" and field.before in (True, "true") for field in change.fields)
    ]
    return "".join(f" --resume {key}" for key in off) if len(off) <= _MOST_NAMED else " --resume '*'"


def _different(source: Project, target: Project) -> list[ObjectKey]:
    mine, theirs = _digests(source), _digests(target)
    return sorted(
        (key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)), key=lambda key: key.address
    )


def _digests(project: Project) -> dict[ObjectKey, str]:
    found: dict[ObjectKey, str] = {key: flow.digest for key, flow in project.flows.items()}
    found |= {key: file.digest for key, file in project.files.items()}
    return found | {key: pair.env or pair.digest or "" for key, pair in project.kv.items()}


def _refusal(summary: str, detail: str, hint: str = "") -> Diagnostic:
    return Diagnostic("P123", "error", summary, detail, hint)
