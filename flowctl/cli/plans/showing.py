"""How a plan is shown: which of the views the options chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError, UsageError
from flowctl.model.plan import Plan

Shape = Literal["text", "json", "markdown", "terraform-json"]


@dataclass(frozen=True, slots=True)
class PlanStyle:
    """One way to show a plan."""

    shape: Shape = "text"
    diff: bool = False
    unmanaged: bool = False


def style_of(options: Mapping[str, object]) -> PlanStyle:
    """The style that the options of a click command ask for.

    Raises:
        UsageError: C105, they ask for two at once.
    """
    wanted: tuple[tuple[object, Shape], ...] = (
        (options.get("as_json"), "json"),
        (options.get("markdown"), "markdown"),
        (options.get("shape"), "terraform-json"),
    )
    shapes = [name for asked, name in wanted if asked]
    if len(shapes) > 1:
        raise UsageError.of("C105", "--json, --markdown and --format exclude each other", hint="give one of them")
    return PlanStyle(shapes[0] if shapes else "text", bool(options.get("diff")), bool(options.get("unmanaged")))


def for_plans_only(options: Mapping[str, object]) -> None:
    """Refuse the options that say how a plan is shown, where a flow is.

    Raises:
        UsageError: C128.
    """
    names = {"diff": "--diff", "unmanaged": "--unmanaged", "markdown": "--markdown", "shape": "--format"}
    for option, name in names.items():
        if options.get(option):
            hint = "leave it out; a flow is shown as its text, or with --json"
            raise UsageError.of("C128", f"{name} shows plans, and no flow", hint=hint)


def show_plan(console: Console, plan: Plan, style: PlanStyle, saved_as: Path | None = None, again: str = "") -> None:
    """Print a plan. JSON goes out alone, so that it can be piped. `again` is the command that applies what is planned
    anew, needed where the plan was not saved."""
    console.show(render(plan, style, colour=console.colour, every=console.verbose))
    if style.shape == "text" and saved_as is None and not plan.empty and not plan.refusals:
        console.say(f"Not saved: `{again}` plans again. Use --out to apply exactly this plan.")


def render(plan: Plan, style: PlanStyle, *, colour: bool, every: bool = False) -> str:
    """A plan in one style; `every` folds no list of a text."""
    if style.shape == "json":
        from flowctl.views.plans.json import plan_json

        return plan_json(plan)
    if style.shape == "markdown":
        from flowctl.views.plans.markdown import plan_markdown

        return plan_markdown(plan)
    if style.shape == "terraform-json":
        from flowctl.views.plans.terraform import terraform_json

        return terraform_json(plan)
    from flowctl.views.plans.text import plan_text

    return plan_text(plan, colour=colour, diff=style.diff, unmanaged=style.unmanaged, every=every)


def show_flow(console: Console, address: str, environment: str | None) -> None:
    """Print a flow's text as the server has it; with `--json` also revision and digest.

    Raises:
        FlowctlError: C119, the server has no such flow.
    """
    from flowctl.cli.connecting import connect_to
    from flowctl.cli.executions.address import parse_address, which_environment
    from flowctl.cli.workspace import here, open_environment

    named, key = parse_address(address)
    workspace = here()
    target = open_environment(workspace, which_environment(named, environment), console.environ)
    flow = connect_to(workspace, target, console).read_flow(key)
    if flow is None:
        raise FlowctlError.of(
            "C119", f"there is no flow {key} on the server of {target.name}", hint=f"`flowctl plan {target.name}`"
        )
    if console.json:
        import json

        facts = {"namespace": key.namespace, "id": key.id, "revision": flow.revision, "digest": flow.digest}
        console.show(json.dumps({"format": "1.0", **facts, "disabled": flow.disabled, "source": flow.source}))
    else:
        console.say(f"# flow {key} on {target.name}, revision {flow.revision}")
        console.show(flow.source or "")
