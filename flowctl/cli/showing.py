"""How a plan is shown: which of the views the options chose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flowctl.cli.console import Console
from flowctl.errors import UsageError
from flowctl.model.plan import Plan

Shape = Literal["text", "json", "markdown", "terraform-json"]


@dataclass(frozen=True, slots=True)
class PlanStyle:
    """One way to show a plan."""

    shape: Shape = "text"
    diff: bool = False
    unmanaged: bool = False

    @classmethod
    def chosen(
        cls, *, as_json: bool, markdown: bool, shape: str | None, diff: bool = False, unmanaged: bool = False
    ) -> PlanStyle:
        """The style that the options ask for.

        Raises:
            UsageError: they ask for two at once.
        """
        wanted: list[tuple[bool, Shape]] = [
            (as_json, "json"),
            (markdown, "markdown"),
            (shape == "terraform-json", "terraform-json"),
        ]
        shapes = [name for asked, name in wanted if asked]
        if len(shapes) > 1:
            raise UsageError.of("C105", "--json, --markdown and --format exclude each other", hint="give one of them")
        return cls(shapes[0] if shapes else "text", diff, unmanaged)


def show_plan(console: Console, plan: Plan, style: PlanStyle, saved_as: Path | None = None) -> None:
    """Print a plan. JSON goes out alone, so that it can be piped."""
    console.show(render(plan, style, colour=console.colour))
    if style.shape == "text" and saved_as is None and not plan.empty and not plan.refusals:
        console.say(f"Not saved: `flowctl apply {plan.environment}` plans again. Use --out to apply exactly this plan.")


def render(plan: Plan, style: PlanStyle, *, colour: bool) -> str:
    """A plan in one style."""
    if style.shape == "json":
        from flowctl.views.plan_json import plan_json

        return plan_json(plan)
    if style.shape == "markdown":
        from flowctl.views.plan_markdown import plan_markdown

        return plan_markdown(plan)
    if style.shape == "terraform-json":
        from flowctl.views.terraform_json import terraform_json

        return terraform_json(plan)
    from flowctl.views.plan_text import plan_text

    return plan_text(plan, colour=colour, diff=style.diff, unmanaged=style.unmanaged)
