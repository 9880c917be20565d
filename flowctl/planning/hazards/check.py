"""Every rule over every flow of a plan; what they see becomes refusals and notes, by the environment's policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.places import format_place
from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.environment import HazardLevel
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Change, Plan
from flowctl.planning.hazards import (
    calls,
    contracts,
    leaving,
    names,
    readiness,
    running,
    syncing,
    texts,
    timing,
    triggers,
    webhooks,
)
from flowctl.planning.hazards.catalogue import HAZARDS, level_of
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, World

Rule = Callable[[World, Subject], Iterable[Sighting]]
RULES: tuple[Rule, ...] = (
    calls.missing,
    calls.unseen,
    calls.disabled,
    calls.circles,
    contracts.callers_break,
    contracts.outputs_read,
    contracts.trigger_inputs,
    webhooks.addresses,
    webhooks.clear_keys,
    timing.changed,
    timing.near,
    timing.catching_up,
    timing.daylight_saving,
    triggers.unconditional,
    triggers.removed,
    triggers.paused,
    triggers.backfills,
    running.switched_on,
    running.deleted,
    running.updated,
    running.concurrency,
    readiness.secrets,
    readiness.values,
    readiness.variables,
    readiness.files,
    texts.revision,
    texts.system_labels,
    texts.worker_groups,
    texts.policies,
    texts.drafts,
    syncing.deletes_the_sync,
    syncing.second_owner,
    names.unknown_names,
)
_SEVERITY: Mapping[HazardLevel, Severity] = {"block": "error", "warn": "warning", "inform": "info"}


def check_hazards(plan: Plan, world: World) -> Plan:
    """The plan with its hazards: those that block are refusals, the others notes of the change they belong to."""
    said: dict[FlowKey, list[Diagnostic]] = {}
    refused: list[Diagnostic] = []
    for subject in world.subjects():
        for found in _diagnostics(world, subject):
            if found.severity == "error":
                refused.append(found)
            else:
                said.setdefault(subject.key, []).append(found)
    changes = tuple(_with_notes(change, said, refused, world) for change in plan.changes)
    plan = replace(plan, changes=changes, refusals=(*plan.refusals, *refused))
    return _with_readers(_with_owners(plan, world), world)


def _with_readers(plan: Plan, world: World) -> Plan:
    """H22 and H24 of flows that stay as they are: no change says them, so the plan does."""
    policy = world.environment.policy.hazards
    seen = [(*one, level_of(one[1].code, policy)) for one in leaving.readers(world)]
    found = [_diagnostic(world, subject, sighting, level) for subject, sighting, level in seen if level != "off"]
    refused = tuple(one for one in found if one.severity == "error")
    warned = tuple(one for one in found if one.severity != "error")
    return replace(plan, refusals=(*plan.refusals, *refused), warnings=(*plan.warnings, *warned))


def _with_owners(plan: Plan, world: World) -> Plan:
    """H42 for syncs that are on the server and stay there: a matter of the whole plan."""
    level = level_of("H42", world.environment.policy.hazards)
    if level == "off":
        return plan
    found = tuple(
        Diagnostic(
            "H42",
            _SEVERITY[level],
            f"{key.address} on the server writes flows of this environment too ({name})",
            hint="let one of them own the namespace",
            subject=key.address,
        )
        for key, name in syncing.owners_on_the_server(world)
    )
    if level == "block":
        return replace(plan, refusals=(*plan.refusals, *found))
    return replace(plan, warnings=(*plan.warnings, *found))


def _diagnostics(world: World, subject: Subject) -> Iterator[Diagnostic]:
    policy = world.environment.policy.hazards
    for rule in RULES:
        for sighting in rule(world, subject):
            level = level_of(sighting.code, policy) if sighting.code in HAZARDS else "warn"
            if level != "off":
                yield _diagnostic(world, subject, sighting, level)


def _diagnostic(world: World, subject: Subject, sighting: Sighting, level: HazardLevel) -> Diagnostic:
    severity: Severity = "info" if sighting.mild else _SEVERITY[level]
    line, column = _position(world, subject, sighting)
    return Diagnostic(
        sighting.code,
        severity,
        sighting.summary,
        sighting.detail,
        sighting.hint,
        subject.change.path,
        line,
        column,
        format_place(subject.after, sighting.at) or None,
        subject.key.address,
    )


def _position(world: World, subject: Subject, sighting: Sighting) -> tuple[int | None, int | None]:
    text = subject.change.after.source if subject.change.after is not None else None
    document = world.documents.read(text_digest(text), text) if text is not None and sighting.at else None
    if document is None:
        return None, None
    position = document.position(sighting.at)
    return position.line, position.column


def _with_notes(
    change: Change, said: dict[FlowKey, list[Diagnostic]], refused: list[Diagnostic], world: World
) -> Change:
    """A change with what was seen, and what other modules noted (H16, H17) at the level that the policy gives it."""
    found = said.get(change.key, []) if isinstance(change.key, FlowKey) else []
    kept = list[Diagnostic]()
    for note in (_levelled(one, world) for one in change.notes):
        if note is not None:
            (refused if note.severity == "error" else kept).append(note)
    return replace(change, notes=(*kept, *found)) if found or change.notes else change


def _levelled(note: Diagnostic, world: World) -> Diagnostic | None:
    level = world.environment.policy.hazards.get(note.code) if note.code in HAZARDS else None
    if level is None:
        return note
    return None if level == "off" else replace(note, severity=_SEVERITY[level])
