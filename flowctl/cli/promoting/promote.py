"""`flowctl promote`, step by step."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from flowctl.cli.console import Console
from flowctl.cli.plans.applying import ApplyStyle, carry_out
from flowctl.cli.plans.prepare import Planned, Wishes
from flowctl.cli.plans.showing import PlanStyle, render
from flowctl.cli.promoting.branching import Made, file_edits, make_branch, push, request_pull
from flowctl.cli.promoting.decide import Decided, decide, matching_nothing
from flowctl.cli.promoting.options import PromoteWishes, Steps, allowed_unproven
from flowctl.cli.promoting.planning import plan_promotion
from flowctl.cli.pulling.file_edits import write_edits
from flowctl.cli.workspace import here
from flowctl.errors import PlanError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.promotion import PromotedFlow, Promotion
from flowctl.promoting.overriding import of_no_flow
from flowctl.views.promotions.table import promotion_json, promotion_text

MOST_UNPROVEN = 10
"""So many flows that are not proven are said one by one."""


def promote(console: Console, source: str, target: str, options: Mapping[str, object]) -> int:
    """Decide, show, and go as far as the options say; returns the exit code.

    Raises:
        PlanError: P302, a flow is not proven; P304, a text cannot be carried over; P307, the target lacks something.
    """
    steps, style, wishes = _steps(options), ApplyStyle.of(options), _wishes(options)
    decided = decide(console, here(), source, target, wishes)
    promotion = decided.promotion
    if not console.json:
        console.show(promotion_text(promotion, colour=console.colour))
    for pattern in matching_nothing(decided, wishes.select):
        console.say(f"Note: --select {pattern} matches no flow of {source}.")
    _warn_of_overrides(console, decided)
    made = _proceed(decided, steps) if not _problems(promotion) and promotion.flows else None
    planned = _plan(console, decided, made)
    if made is not None and planned is not None and steps.pull_request:
        made = request_pull(console, made, decided, planned.plan)
    problems = _problems(promotion)
    if console.json:
        whole = replace(promotion, problems=tuple(problems))
        console.show(promotion_json(whole, made.members if made is not None else None))
    elif problems:
        raise PlanError(*_folded(problems, promotion))
    if planned is None:
        return 1 if problems else 0
    if made is not None:
        _say(console, made, None if steps.apply else target)
    if steps.apply:
        return _apply(console, decided, planned, style, made)
    if not console.json:
        console.show(
            render(
                planned.plan, PlanStyle(diff=bool(options.get("diff"))), colour=console.colour, every=console.verbose
            )
        )
    return 1 if planned.plan.refusals and made is None else 0


def _warn_of_overrides(console: Console, decided: Decided) -> None:
    sides = decided.sides
    flows = {*sides.target.flows, *(sides.route.flow(key) for key in sides.source.flows)}
    for name in of_no_flow(decided.target.overrides, flows):
        console.say(f"Note: neither environment has the flow of the override {name} in {decided.target.path.name}.")


def _steps(options: Mapping[str, object]) -> Steps:
    branch = options.get("branch")
    return Steps(
        branch=str(branch) if branch is not None else None,
        push=bool(options.get("push")),
        pull_request=bool(options.get("pull_request")),
        apply=bool(options.get("apply")),
    )


def _wishes(options: Mapping[str, object]) -> PromoteWishes:
    select, exclude, names, reasons = (
        cast("tuple[str, ...]", options.get(name) or ()) for name in ("select", "exclude", "allow_unproven", "reasons")
    )
    return PromoteWishes(select, exclude, allowed_unproven(names, reasons))


def _proceed(decided: Decided, steps: Steps) -> Made | None:
    """The branch, pushed where that is asked for."""
    if not steps.makes_branch:
        return None
    from flowctl.promoting.branch import Repository

    repository = Repository(decided.workspace.root)
    made = make_branch(decided, repository, steps)
    return push(made, repository) if steps.pushes else made


def _plan(console: Console, decided: Decided, made: Made | None) -> Planned | None:
    """The plan of the target; None when nothing differs or something cannot go."""
    if _problems(decided.promotion) or not decided.promotion.flows:
        return None
    return plan_promotion(console, decided, Wishes(), made.stamp if made is not None else None)


def _problems(promotion: Promotion) -> list[Diagnostic]:
    """Everything for which nothing is promoted at all."""
    return [*promotion.problems, *(_unproven(flow, promotion) for flow in promotion.refused)]


def _folded(problems: list[Diagnostic], promotion: Promotion) -> list[Diagnostic]:
    """Without most of the flows that are not proven: the table has named them all, with their reasons."""
    unproven = [one for one in problems if one.code == "P302"]
    if len(unproven) <= MOST_UNPROVEN:
        return problems
    more = f"{len(unproven) - MOST_UNPROVEN} more flows are not proven in {promotion.source}"
    hint = "the table names each with its reasons; leave them out (--exclude), or prove them"
    left_out = unproven[MOST_UNPROVEN:]
    return [*(one for one in problems if one not in left_out), Diagnostic("P302", "error", more, hint=hint)]


def _unproven(flow: PromotedFlow, promotion: Promotion) -> Diagnostic:
    hint = f"prove it in {promotion.source}, leave it out (--exclude), or: --allow-unproven {flow.source} --reason TEXT"
    summary = f"{flow.source} is not proven in {promotion.source}"
    return Diagnostic("P302", "error", summary, "; ".join(flow.reasons), hint, subject=flow.source.address)


def _say(console: Console, made: Made, target: str | None) -> None:
    """What was made, and what comes next unless it is done at once: then `target` is None."""
    console.say(f"Branch {made.branch.name} has the commit {made.branch.commit[:12]}; your files are as they were.")
    if made.pushed_to is None and target is not None:
        console.say(f"Next: git merge {shlex.quote(made.branch.name)}, then flowctl apply {target}")
    elif made.pushed_to is not None:
        console.say(f"Pushed to {made.pushed_to}.")
    if made.pull_request is not None:
        console.say(f"Pull request: {made.pull_request}")


def _apply(console: Console, decided: Decided, planned: Planned, style: ApplyStyle, made: Made | None) -> int:
    """Apply what is promoted. Without a branch its files are written as well, or the next apply would undo it.

    Raises:
        PlanError: P307; P314, a file that would be written over is not committed; FlowctlError: C160.
    """
    if decided.promotion.missing:
        raise PlanError(*(_lacking(decided, number) for number in range(len(decided.promotion.missing))))
    edits = file_edits(decided) if made is None else ()
    code = carry_out(console, planned, decided.target, style)
    if edits and not planned.plan.refusals:
        name = decided.target.name
        had = "has it already" if code == 0 else "may have some of it"
        write_edits(decided.workspace, edits, f"{name} {had}: make room, then promote again")
        then = "Commit them: the next apply goes by the files." if code == 0 else f"Then: flowctl apply {name}"
        console.say(f"Wrote {', '.join(edit.path for edit in edits)}. {then}")
    return code


def _lacking(decided: Decided, number: int) -> Diagnostic:
    need = decided.promotion.missing[number]
    summary = f"{decided.target.name} lacks the {need.kind} {need.name}, which {need.needed_by} uses"
    return Diagnostic("P307", "error", summary, "", need.command, subject=need.needed_by.address)
