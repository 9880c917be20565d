"""The plan: both sides compared, explained, ordered and guarded. Pure: no files, no network, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowctl.language.flags import is_on
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change, Counts, Drift, Plan
from flowctl.model.project import FlowReference
from flowctl.planning import notes, refusals
from flowctl.planning.differences.changing import change_for, is_ignored, moved_fields
from flowctl.planning.differences.compare import Comparison, Difference, compare
from flowctl.planning.differences.drifting import drift_of
from flowctl.planning.differences.keeping import keep_off
from flowctl.planning.differences.moves import find_moves
from flowctl.planning.differences.sides import Sides
from flowctl.planning.guarding import guards
from flowctl.planning.guarding.nulls import null_elements
from flowctl.planning.guarding.policy import policy_digest
from flowctl.planning.guarding.verdicts import attach_verdicts, to_validate
from flowctl.planning.holds import attach_holds
from flowctl.planning.ordering.callers import called, calls_afterwards, live_references, texts_of_others
from flowctl.planning.ordering.going import with_callers
from flowctl.planning.ordering.order import in_order
from flowctl.planning.reading import Documents
from flowctl.planning.request import PlanRequest
from flowctl.planning.selection import matches
from flowctl.planning.where import relative

__all__ = ["attach_verdicts", "build_plan", "to_validate"]

_WRITES = (Action.CREATE, Action.UPDATE)


def build_plan(request: PlanRequest) -> Plan:
    """Everything that apply would do, in order, with what speaks against it.

    Raises:
        PlanError: P108, a file changed between comparing and reading; P109, `max_deletes` is no limit.
    """
    kept = keep_off(request)
    request = kept.request
    comparison = _let_go(compare(request.project, request.live, kept.files), request.options.forget)
    scope = _scope(comparison, request)
    changes = _changes(scope, comparison, request)
    sources = texts_of_others(request.project, request.live) | dict(request.sources) if changes else {}
    live_calls = live_references(sources, scope.sides.documents)
    wanted = {key: called(flow.references) for key, flow in request.project.flows.items()} if changes else {}
    ordered = in_order(changes, wanted, {key: called(found) for key, found in live_calls.items()})
    going = with_callers(ordered.changes, live_calls, sources, scope.sides.documents)
    plan = _plan(request, going, scope, comparison)
    plan = replace(
        plan,
        refusals=_refusals(ordered.changes, scope, comparison, request),
        warnings=(*_warnings(comparison, plan, request), *(notes.cycle(keys) for keys in ordered.cycles)),
    )
    plan = _guard_called(plan, replace(request, sources=sources), live_calls, scope.sides.documents)
    return attach_verdicts(plan, request.verdicts) if request.verdicts else plan


def _let_go(comparison: Comparison, patterns: Sequence[str]) -> Comparison:
    """The comparison in which what would be deleted and matches a pattern is forgotten: it stays on the server."""
    found = comparison.differences
    gone = (one.action is Action.DELETE and matches(one.key, patterns) for one in found)
    kept = [replace(one, action=Action.FORGET) if goes else one for one, goes in zip(found, gone, strict=True)]
    return replace(comparison, differences=kept) if patterns else comparison


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is left of a comparison once selection and `policy.ignore` took their part."""

    sides: Sides
    differences: tuple[Difference, ...]
    ignored: tuple[Difference, ...]
    moves: Mapping[FlowKey, FlowKey]
    unchanged: int
    not_selected: int


def _scope(comparison: Comparison, request: PlanRequest) -> _Scope:
    sides = Sides(comparison.owned, request.sources, request.data)
    moves = _moves(comparison, request)
    selected = [difference for difference in comparison.differences if _selected(difference, moves, request)]
    ignored = [difference for difference in selected if is_ignored(difference, request, sides)]
    out = {difference.key for difference in ignored}
    unchanged = _unchanged(comparison, request)
    left_out = len(comparison.differences) - len(selected) + len(comparison.unchanged) - unchanged
    kept = tuple(difference for difference in selected if difference.key not in out)
    return _Scope(sides, kept, tuple(ignored), moves, unchanged, left_out)


def _moves(comparison: Comparison, request: PlanRequest) -> dict[FlowKey, FlowKey]:
    gone, new = dict[FlowKey, str](), dict[FlowKey, str]()
    for difference in comparison.differences:
        key = difference.key
        if isinstance(key, FlowKey) and difference.action is Action.DELETE and key in request.sources:
            gone[key] = request.sources[key]
        elif isinstance(key, FlowKey) and difference.action is Action.CREATE and difference.entry is None:
            new[key] = request.project.flows[key].source
    return find_moves(gone, new) if gone and new else {}


def _selected(difference: Difference, moves: Mapping[FlowKey, FlowKey], request: PlanRequest) -> bool:
    """Whether a difference is in the selection; the old half of a move goes with the new one."""
    if request.selection.everything:
        return True
    path = difference.desired.path if difference.desired is not None else None
    if request.selection.includes(difference.key, path):
        return True
    moved_to = moves.get(difference.key) if isinstance(difference.key, FlowKey) else None
    if moved_to is None or request.selection.paths is None:
        return False
    return request.selection.includes(moved_to, request.project.flows[moved_to].path)


def _unchanged(comparison: Comparison, request: PlanRequest) -> int:
    if request.selection.everything:
        return len(comparison.unchanged)
    return sum(request.selection.includes(key, _path(key, request)) for key in comparison.unchanged)


def _path(key: ObjectKey, request: PlanRequest) -> str | None:
    project = request.project
    if isinstance(key, FlowKey):
        flow = project.flows.get(key)
        return flow.path if flow is not None else None
    held = project.files.get(key) if isinstance(key, FileKey) else project.kv.get(key)
    return held.path if held is not None else None


def _changes(scope: _Scope, comparison: Comparison, request: PlanRequest) -> list[Change]:
    found = {one.key: change_for(one, request, comparison.owned, scope.sides) for one in scope.differences}
    for old, new in scope.moves.items():
        if old in found and new in found:
            found |= _move(found[old], found[new], scope.sides)
    return list(found.values())


def _move(gone: Change, come: Change, sides: Sides) -> dict[ObjectKey, Change]:
    """Both halves of a move, each of which knows the other."""
    old, new = gone.key, come.key
    assert isinstance(old, FlowKey) and isinstance(new, FlowKey)
    fields = moved_fields(come.after, gone.before, sides)
    enabled = any(field.place == "disabled" and is_on(field.before) and not is_on(field.after) for field in fields)
    said = (*come.notes, notes.move(old, new), *([notes.move_enables(old, new)] if enabled else []))
    reason = f"it moves here from {old}"
    return {
        old: replace(gone, moved_to=new, reason=f"it moves to {new}"),
        new: replace(come, moved_from=old, notes=said, reason=reason, fields=fields),
    }


def _plan(request: PlanRequest, changes: tuple[Change, ...], scope: _Scope, comparison: Comparison) -> Plan:
    environment, ledger = request.project.environment, request.live.ledger
    adopted = tuple(change.key for change in changes if change.action is Action.ADOPT)
    return Plan(
        id=request.plan_id,
        environment=environment.name,
        namespace=environment.namespace,
        server=request.live.server,
        created_at=request.now,
        flowctl_version=request.flowctl_version,
        changes=changes,
        drift=_drift(scope, comparison, request),
        unmanaged=tuple(comparison.unmanaged),
        counts=Counts(scope.unchanged, len(comparison.unmanaged), len(scope.ignored), scope.not_selected),
        lineage=ledger.lineage if ledger is not None else None,
        serial=ledger.serial if ledger is not None else 0,
        policy_digest=policy_digest(environment),
        git=request.project.git,
        rebuilt=adopted if ledger is None else (),
    )


def _drift(scope: _Scope, comparison: Comparison, request: PlanRequest) -> tuple[Drift, ...]:
    found = (drift_of(one, comparison.owned, scope.sides, request.live) for one in scope.differences)
    return tuple(drift for drift in found if drift is not None)


def _refusals(
    changes: Sequence[Change], scope: _Scope, comparison: Comparison, request: PlanRequest
) -> tuple[Diagnostic, ...]:
    environment, options = request.project.environment, request.options
    owned = len(comparison.owned.entries)
    return (
        *_foreign(scope, request),
        *guards.guard_adoption(request.project, comparison.unmanaged, options),
        *guards.guard_forgetting(comparison.differences, comparison.owned.entries, options),
        *guards.guard_empty(request.project, changes, options),
        *guards.guard_deletes(changes, owned, environment.policy.max_deletes, options),
        *guards.guard_protected(changes, environment, options),
        *_nulls(changes, scope, request),
    )


def _foreign(scope: _Scope, request: PlanRequest) -> list[Diagnostic]:
    """P101 for what has another content on the server and was not applied by flowctl."""
    options, environment = request.options, request.project.environment
    return [
        refusals.not_ours(one.key, one.existing, environment.name, relative(one.desired.path, environment))
        for one in scope.differences
        if one.action is Action.UPDATE and one.entry is None and one.existing is not None and one.desired is not None
        if not options.adopt_all and not matches(one.key, options.adopt)
    ]


def _nulls(changes: Sequence[Change], scope: _Scope, request: PlanRequest) -> list[Diagnostic]:
    found = list[Diagnostic]()
    for change in changes:
        if change.action in _WRITES and isinstance(change.key, FlowKey):
            found += null_elements(request.project.flows[change.key], scope.sides.documents)
    return found


def _warnings(comparison: Comparison, plan: Plan, request: PlanRequest) -> list[Diagnostic]:
    live = request.live
    environment = request.project.environment
    off = sorted(str(key) for key in comparison.unchanged if key in comparison.kept_off)
    found = [notes.value_unknown(value) for value in comparison.unknown]
    found += [notes.stays_off(*off)] if off else []
    if environment.policy.hazards:
        from flowctl.planning.hazards.catalogue import without_effect

        pairs = without_effect(environment.policy.hazards).items()
        found += [notes.level_without_effect(environment, code, why) for code, why in pairs]
    if not request.options.adopt and not request.options.adopt_all:  # P107 says it of names to adopt
        chosen = request.selection.select
        found += [notes.selects_nothing(pattern) for pattern in chosen if not _known(pattern, comparison)]
    found += [notes.resumes_nothing(pattern) for pattern in request.options.resume if not _disabled(pattern, live)]
    if live.ledger_problem is not None:
        found.append(notes.ledger_unreadable(live.ledger_problem, len(plan.rebuilt)))
    if live.lock is not None and not live.lock.released:
        found.append(notes.apply_unfinished(live.lock, request.now, environment.name, gone=request.holder_gone))
    return found


def _disabled(pattern: str, live: LiveState) -> bool:
    return any(one.disabled and matches(one.key, (pattern,)) for one in live.flows.values())


def _known(pattern: str, comparison: Comparison) -> bool:
    """Whether a pattern matches anything on either side."""
    keys = (*(one.key for one in comparison.differences), *comparison.unchanged, *comparison.unmanaged)
    return any(matches(key, (pattern,)) for key in keys)


def _guard_called(
    plan: Plan, request: PlanRequest, live: Mapping[FlowKey, tuple[FlowReference, ...]], documents: Documents
) -> Plan:
    """The plan with everything that its changes may break. The rules are imported when there is something to judge."""
    flows = {change.key: change for change in plan.changes if isinstance(change.key, FlowKey)}
    if not flows and not plan.count(Action.DELETE):
        return plan
    from flowctl.planning.hazards.check import check_hazards
    from flowctl.planning.hazards.world import World
    from flowctl.planning.impact.attaching import attach_impact

    calls = calls_afterwards(request.project, live, plan.changes, request.live.calls or ())
    actions = {change.key: change.action for change in plan.changes}
    world = World(request.project, request.live, request.now, flows, request.sources, calls, documents, actions)
    world.drains = request.options.drain
    found = guards.guard_called(plan.changes, world.callers, request.project.environment)
    refused = tuple(one for one in found if one.severity == "error")
    warned = tuple(one for one in found if one.severity != "error")
    plan = replace(plan, refusals=(*plan.refusals, *refused), warnings=(*plan.warnings, *warned))
    return attach_holds(attach_impact(check_hazards(plan, world), world), request)
