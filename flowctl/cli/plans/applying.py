"""From a plan to a server that has it: what `apply` and `adopt` have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.cli.connecting import connect_to
from flowctl.cli.console import Console
from flowctl.cli.plans.prepare import Planned, Wishes, make_plan, wishes_of
from flowctl.cli.plans.showing import PlanStyle, render
from flowctl.cli.reading import read_live
from flowctl.cli.terminal.progress import Reporter, reporter_for
from flowctl.cli.terminal.prompt import confirm
from flowctl.cli.terminal.stopping import stop_on_signals
from flowctl.cli.workspace import here, open_environment
from flowctl.errors import FlowctlError, PlanError, UsageError
from flowctl.model.environment import Environment
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Plan
from flowctl.remote.port import Server
from flowctl.views.ansi import printable
from flowctl.views.values import plural

if TYPE_CHECKING:
    from flowctl.applying.options import ApplyOptions

_NAMED = 5
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class ApplyStyle:
    """How to go about an apply; see the options of the command. `unfinished` is what the server says: an apply before
    left something to put right."""

    auto_approve: bool = False
    parallelism: int | None = None
    fail_fast: bool = False
    rollback_on_error: bool = False
    lock_timeout: float = 0.0
    diff: bool = False
    quiet_window: float | None = None
    quiet_timeout: float = 1800.0
    unfinished: bool = False

    @classmethod
    def of(cls, options: Mapping[str, object]) -> ApplyStyle:
        """The style that the options of a click command ask for.

        Raises:
            UsageError: C122, `--lock-timeout` or `--quiet-timeout` is no time.
        """
        window = options.get("quiet_window")
        parallelism = options.get("parallelism")
        return cls(
            auto_approve=bool(options.get("auto_approve")),
            parallelism=parallelism if isinstance(parallelism, int) else None,
            fail_fast=bool(options.get("fail_fast")),
            rollback_on_error=bool(options.get("rollback_on_error")),
            lock_timeout=seconds(str(options.get("lock_timeout") or "0s")),
            diff=bool(options.get("diff")),
            quiet_window=window if isinstance(window, float) else None,
            quiet_timeout=seconds(str(options.get("quiet_timeout") or "30m")),
        )


def apply_environment(console: Console, name: str | None, options: Mapping[str, object]) -> int:
    """Plan, show, ask, apply; returns the exit code."""
    return _plan_and_apply(console, name, wishes_of(options), ApplyStyle.of(options))


def apply_saved(console: Console, name: str, options: Mapping[str, object]) -> int:
    """Do exactly what a saved plan says, or refuse; returns the exit code.

    Raises:
        PlanError: the plan is unreadable, refused, or the world has moved since.
    """
    from flowctl.cli.plans.freshness import tell_commit
    from flowctl.cli.plans.planfiles import read_plan

    if given := wishes_of(options).given:
        hint = "give it when the plan is made: flowctl plan ENV --out FILE.json"
        raise UsageError.of("C114", f"{given[0]} does not go with a saved plan", hint=hint)
    style = ApplyStyle.of(options)
    plan = read_plan(Path(name))
    workspace = here()
    environment = open_environment(workspace, plan.environment, console.environ)
    server = connect_to(workspace, environment, console)
    unfinished = _unfinished(_check_fresh(console, plan, environment, server))
    tell_commit(console, plan, workspace.root)
    reporter = _reporter(console, style)
    reporter.planned(plan)
    return _carry_out(console, plan, environment, server, replace(style, unfinished=unfinished), reporter)


def _plan_and_apply(console: Console, name: str | None, wishes: Wishes, style: ApplyStyle) -> int:
    workspace = here()
    environment = open_environment(workspace, name, console.environ)
    planned = make_plan(console, workspace, environment, wishes, lambda: connect_to(workspace, environment, console))
    return carry_out(console, planned, environment, style)


def carry_out(console: Console, planned: Planned, environment: Environment, style: ApplyStyle) -> int:
    """Show a plan that was just made, ask, apply; returns the exit code.

    Raises:
        FlowctlError: C113, not confirmed.
    """
    reporter = _reporter(console, style)
    reporter.planned(planned.plan)
    if planned.plan.refusals:
        return 1
    if not (planned.plan.empty or style.auto_approve or confirm(console, asked(planned.plan))):
        raise FlowctlError.of("C113", "not confirmed: nothing was applied", hint="only 'yes' in full is a yes")
    style = replace(style, unfinished=_unfinished(planned.live))
    return _carry_out(console, planned.plan, environment, planned.server, style, reporter)


def asked(plan: Plan) -> str:
    """What is to be confirmed; deletes by name, for they are what cannot be taken back."""
    gone = [change.key.address for change in plan.changes if change.action is Action.DELETE and change.moved_to is None]
    if not gone:
        return f"apply this to {plan.environment}"
    names = ", ".join([*gone[:_NAMED], *(["..."] if len(gone) > _NAMED else [])])
    return f"apply this to {plan.environment}, which deletes {plural(len(gone), 'object')} ({printable(names)})"


def _carry_out(
    console: Console, plan: Plan, environment: Environment, server: Server, style: ApplyStyle, reporter: Reporter
) -> int:
    from flowctl.applying.apply import apply_plan

    with stop_on_signals(console, environment.name) as stop:
        report = apply_plan(
            plan,
            server,
            apply_options(environment, style),
            reporter.event,
            clock=lambda: datetime.now(UTC),
            environ=console.environ,
            stop=stop,
        )
    reporter.finished(plan, report)
    if report.interrupted:
        return 130
    return 0 if report.ok else 1


def apply_options(environment: Environment, style: ApplyStyle) -> ApplyOptions:
    """What `apply_plan` is told."""
    from flowctl.applying.options import ApplyOptions

    return ApplyOptions(
        environment,
        parallelism=style.parallelism or environment.parallelism,
        single=style.parallelism is not None,
        fail_fast=style.fail_fast,
        rollback_on_error=style.rollback_on_error,
        lock_timeout=style.lock_timeout,
        quiet_window=style.quiet_window,
        quiet_timeout=style.quiet_timeout,
        unfinished=style.unfinished,
    ).identified()


def _check_fresh(console: Console, plan: Plan, environment: Environment, server: Server) -> LiveState:
    """Refuse a plan that the world has left behind; what moved is shown from three sides first. Returns the state."""
    from flowctl import __version__
    from flowctl.cli.plans.freshness import show_moved
    from flowctl.planfile.verify import examine
    from flowctl.planning.guarding.policy import policy_digest

    live = read_live(console, environment, server)
    found = examine(plan, live, environment.name, policy_digest(environment), __version__)
    if found.problems:
        if not console.json:
            show_moved(console, found.stale, live, server)
        raise PlanError(*found.problems)
    return live


def _unfinished(live: LiveState) -> bool:
    from flowctl.applying.waiting import left_open

    return left_open(live.lock, datetime.now(UTC))


def _reporter(console: Console, style: ApplyStyle) -> Reporter:
    view = PlanStyle(diff=style.diff)
    return reporter_for(
        console, lambda plan: console.show(render(plan, view, colour=console.colour, every=console.verbose))
    )


def seconds(text: str) -> float:
    """A time such as `30s`, `5m`, `1h` or a bare number of seconds.

    Raises:
        UsageError: C122.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip())
    if found is None:
        raise UsageError.of("C122", f"{text!r} is no time", hint="write a number and a unit, such as 30s, 5m or 1h")
    return float(found[1]) * UNITS[found[2] or "s"]
