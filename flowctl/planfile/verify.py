"""Whether the world is still as a plan found it. What moved is named, with what was expected and what was found.

An interrupted apply of this very plan is no stranger: what it already wrote counts as done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.ledger import KEYED, same_digest
from flowctl.model.live import LiveFlow, LiveKeyValue, LiveObject, LiveState
from flowctl.model.plan import Action, Change, Content, Plan
from flowctl.planfile.codec import major

_AGAIN = "make a new plan"


@dataclass(frozen=True, slots=True)
class Freshness:
    """What `examine` found.

    `problems` forbid applying the plan now, `done` are changes that an earlier, interrupted apply already wrote.
    """

    problems: tuple[Diagnostic, ...]
    done: tuple[ObjectKey, ...]
    stale: tuple[Change, ...]


def examine(plan: Plan, live: LiveState, environment: str, policy_digest: str, version: str) -> Freshness:
    """Compare a plan with what the server has now.

    `environment` is the name of the environment it is to be applied to, `policy_digest` that of its present policy
    (`flowctl.planning.guarding.policy.policy_digest`), `version` the running flowctl's.
    """
    context = tuple(_context(plan, live, environment, policy_digest, version))
    if context:
        return Freshness(context, (), ())
    resumed = live.lock is not None and live.lock.plan_id == plan.id
    done = tuple(change.key for change in plan.changes if resumed and _is_done(change, live))
    stale = tuple(change for change in plan.changes if change.key not in done and not _unmoved(change, live))
    problems = [_stale(change, live) for change in stale]
    released = live.lock is not None and live.lock.released
    if resumed and released and plan.changes and len(done) == len(plan.changes):
        problems.append(_applied_already(plan))
    elif not resumed and _serial(live) != plan.serial:
        problems.append(_other_serial(plan, live))
    return Freshness(tuple(problems), done, stale)


def _context(plan: Plan, live: LiveState, environment: str, policy_digest: str, version: str) -> Iterator[Diagnostic]:
    if major(plan.flowctl_version) != major(version):
        yield _refusal("P205", f"the plan was made by flowctl {plan.flowctl_version}, this is {version}")
    if plan.environment != environment:
        yield _refusal("P211", f"the plan is for environment {plan.environment}, not for {environment}")
    server = live.server
    if (plan.server.id, plan.server.tenant) != (server.id, server.tenant):
        yield _refusal(
            "P206",
            "the plan was made for another server",
            f"planned for {plan.server.url}, tenant {plan.server.tenant}, id {plan.server.id}; "
            f"found {server.url}, tenant {server.tenant}, id {server.id}",
        )
    elif _other_lineage(plan, live):
        found = live.ledger.lineage if live.ledger is not None else "no ledger"
        yield _refusal(
            "P207",
            "the environment's ledger is not the one that the plan was made from",
            f"planned for {plan.lineage or 'no ledger'}, found {found}",
        )
    if plan.policy_digest != policy_digest:
        yield _refusal("P209", f"the policy of {environment} changed since the plan was made")


def _other_lineage(plan: Plan, live: LiveState) -> bool:
    """A ledger that this very plan made on its first, interrupted apply is its own."""
    found = live.ledger.lineage if live.ledger is not None else None
    own = plan.lineage is None and live.lock is not None and live.lock.plan_id == plan.id
    return found != plan.lineage and not own


def _serial(live: LiveState) -> int:
    return live.ledger.serial if live.ledger is not None else 0


def _same(planned: str | None, found: str, live: LiveState) -> bool:
    """Whether a live digest is the planned one; that of a secret value is keyed, None when there was no key yet."""
    return planned is None or same_digest(live.ledger, planned, found)


def _unmoved(change: Change, live: LiveState) -> bool:
    found, before = live.object(change.key), change.before
    if before is None or found is None:
        return before is None and found is None
    lock = live.lock
    if isinstance(found, LiveFlow) and lock is not None and lock.drained(found.key, before.revision, found.digest):
        return True
    if isinstance(found, LiveFlow) and before.revision != found.revision:
        return False
    return _same(before.digest, found.digest, live)


def _is_done(change: Change, live: LiveState) -> bool:
    """Whether the object is where the plan wants it, and an apply of this plan had set out to bring it there."""
    found, after = live.object(change.key), change.after
    intended = live.lock is not None and any(intent.key == change.key for intent in live.lock.intents)
    recorded = live.ledger is not None and change.key in live.ledger.entries
    if change.action is Action.FORGET:
        return not recorded
    if change.action is Action.DELETE:
        return found is None and not recorded
    if found is None or after is None or not _same(after.digest, found.digest, live):
        return False
    return recorded if change.action is Action.ADOPT else intended or recorded


def _stale(change: Change, live: LiveState) -> Diagnostic:
    found = live.object(change.key)
    return Diagnostic(
        "P208",
        "error",
        f"{change.key.address} changed on the server since the plan was made",
        f"expected {_state(change.before)}, found {_live_state(found, change.before)}",
        _AGAIN,
        change.path,
        subject=change.key.address,
    )


def _state(content: Content | None) -> str:
    if content is None:
        return "nothing"
    revision = f"revision {content.revision}, " if content.revision is not None else ""
    return f"{revision}digest {(content.digest or 'unknown').removeprefix(KEYED)[:12]}"


def _live_state(found: LiveObject | None, planned: Content | None) -> str:
    """The digest of a value is said only where the planned one was plain: it might be that of a secret."""
    if found is None:
        return "nothing"
    revision = "" if found.revision is None else f"revision {found.revision}, "
    secret = isinstance(found, LiveKeyValue) and (planned is None or (planned.digest or KEYED).startswith(KEYED))
    return f"{revision}another value" if secret else f"{revision}digest {found.digest[:12]}"


def _applied_already(plan: Plan) -> Diagnostic:
    return _refusal("P210", f"plan {plan.id} was applied already; nothing of it is left to do")


def _other_serial(plan: Plan, live: LiveState) -> Diagnostic:
    return _refusal(
        "P212",
        "somebody applied another plan to the environment since this one was made",
        f"the ledger's serial was {plan.serial} and is {_serial(live)}",
    )


def _refusal(code: str, summary: str, detail: str = "") -> Diagnostic:
    return Diagnostic(code, "error", summary, detail, _AGAIN)
