"""`flowctl promote`, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flowctl.cli.console import Console
from flowctl.cli.prepare import Wishes
from flowctl.cli.promoting.decide import Decided, decide
from flowctl.cli.promoting.options import PromoteWishes, allowed_unproven
from flowctl.cli.promoting.planning import plan_promotion
from flowctl.cli.showing import PlanStyle, render
from flowctl.cli.workspace import here
from flowctl.model.promotion import Promotion
from flowctl.views.promotion import promotion_json, promotion_text


def promote(console: Console, source: str, target: str, options: Mapping[str, object]) -> int:
    """Decide, show, and go as far as the options say; returns the exit code."""
    wishes = wishes_of(options)
    decided = decide(console, here(), source, target, wishes)
    show(console, decided)
    if stopped(decided.promotion):
        return 1
    return show_plan(console, decided, PlanStyle(diff=bool(options.get("diff"))))


def wishes_of(options: Mapping[str, object]) -> PromoteWishes:
    """What the options of the command ask for."""
    select, exclude, names, reasons = (
        cast("tuple[str, ...]", options.get(name) or ()) for name in ("select", "exclude", "allow_unproven", "reasons")
    )
    return PromoteWishes(select, exclude, allowed_unproven(names, reasons))


def show(console: Console, decided: Decided) -> None:
    """The table with its reasons, or all of it as JSON."""
    promotion = decided.promotion
    console.show(promotion_json(promotion) if console.json else promotion_text(promotion, colour=console.colour))


def stopped(promotion: Promotion) -> bool:
    """Whether something cannot go: then nothing goes."""
    return bool(promotion.refused or promotion.problems)


def show_plan(console: Console, decided: Decided, style: PlanStyle) -> int:
    """What the promotion would do to the target."""
    if not decided.promotion.flows:
        return 0
    plan = plan_promotion(decided, Wishes()).plan
    if not console.json:
        console.show(render(plan, style, colour=console.colour))
    return 1 if plan.refusals else 0
