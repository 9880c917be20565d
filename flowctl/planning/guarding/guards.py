"""Refusals that look at the plan as a whole. Each can be overridden by the option that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from flowctl.errors import PlanError
from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.plan import Action, Change
from flowctl.model.project import Project
from flowctl.planning import refusals
from flowctl.planning.differences.compare import Difference
from flowctl.planning.guarding.policy import most_deletes
from flowctl.planning.ordering.callers import Call
from flowctl.planning.request import PlanOptions
from flowctl.planning.selection import matches


def guard_deletes(
    changes: Sequence[Change], owned: int, policy_limit: int | str, options: PlanOptions
) -> list[Diagnostic]:
    """P102: more deletes than the limit. The old half of a move is none: its text lives on.

    Raises:
        PlanError: P109, the limit is neither a count nor a share.
    """
    deletes = sum(change.action is Action.DELETE and change.moved_to is None for change in changes)
    limit = policy_limit if options.max_deletes is None else options.max_deletes
    try:
        most = most_deletes(limit, owned)
    except ValueError as problem:
        hint = 'give a count such as 5, or a share such as "30%"'
        raise PlanError.of("P109", f"max_deletes cannot be {limit!r}", str(problem), hint) from None
    return [refusals.too_many_deletes(deletes, owned, limit, most)] if most is not None and deletes > most else []


def guard_empty(project: Project, changes: Sequence[Change], options: PlanOptions) -> list[Diagnostic]:
    """P103: nothing in the files, something to delete."""
    deletes = sum(change.action is Action.DELETE for change in changes)
    if options.allow_empty or not deletes or project.flows or project.files or project.kv:
        return []
    return [refusals.empty_directory(project.environment, deletes)]


def guard_protected(changes: Sequence[Change], environment: Environment, options: PlanOptions) -> list[Diagnostic]:
    """P104: a protected object would go or move."""
    found = []
    for change in changes:
        if change.action is Action.DELETE and not matches(change.key, options.allow_protected):
            pattern = next((p for p in environment.policy.protect if matches(change.key, (p,))), None)
            if pattern is not None:
                found.append(refusals.protected(change.key, pattern, change.moved_to))
    return found


def guard_called(
    changes: Sequence[Change], callers: Callable[[FlowKey], Sequence[Call]], environment: Environment
) -> list[Diagnostic]:
    """H3: a flow goes that others still call. Errors block (`policy.hazards`)."""
    level = environment.policy.hazards.get("H3", "block")
    found = []
    for change in changes:
        if level != "off" and change.action is Action.DELETE and isinstance(change.key, FlowKey):
            of_it = callers(change.key)
            if of_it:
                blocks = level == "block" and any(call.relation == "subflow" for call in of_it)
                severity: Severity = "error" if blocks else "info" if level == "inform" else "warning"
                found.append(refusals.still_called(change.key, of_it, change.moved_to, severity))
    return found


def guard_adoption(project: Project, unmanaged: Sequence[ObjectKey], options: PlanOptions) -> list[Diagnostic]:
    """P107: a name to adopt that no file has."""
    wanted: list[ObjectKey] = [*project.flows, *project.files, *project.kv] if options.adopt else []
    return [
        refusals.nothing_to_adopt(pattern, any(matches(key, (pattern,)) for key in unmanaged))
        for pattern in options.adopt
        if not any(matches(key, (pattern,)) for key in wanted)
    ]


def guard_forgetting(
    differences: Sequence[Difference], owned: Collection[ObjectKey], options: PlanOptions
) -> list[Diagnostic]:
    """P125: a name to let go that nothing can be let go under."""
    forgotten = [one.key for one in differences if one.action is Action.FORGET]
    return [
        refusals.nothing_to_forget(pattern, any(matches(key, (pattern,)) for key in owned))
        for pattern in options.forget
        if not any(matches(key, (pattern,)) for key in forgotten)
    ]
