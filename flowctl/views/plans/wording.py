"""The words of a plan that all its views share."""

from __future__ import annotations

from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Change, Drift, Extent, Plan
from flowctl.views.values import digest, moment, plural

SYMBOLS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.ADOPT: "=", Action.FORGET: "."}
_DEEDS = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in-place",
    Action.DELETE: "will be deleted",
    Action.ADOPT: "will be taken over as it is",
    Action.FORGET: "will be forgotten",
}
_EXTENTS = {Extent.COMMENTS: "comments only", Extent.FORMATTING: "formatting only"}


def symbol(change: Change) -> str:
    """`+`, `~`, `-`, `-/+` for a move, `=` to adopt, `.` to forget."""
    return "-/+" if change.moved_from is not None else SYMBOLS[change.action]


def title(change: Change) -> str:
    """The object's name: a flow by its key alone, others with their kind."""
    return str(change.key) if isinstance(change.key, FlowKey) else change.key.address


def headline(change: Change) -> str:
    """What happens and why, on one line."""
    what = f"will be moved from {change.moved_from}" if change.moved_from is not None else _DEEDS[change.action]
    why = [] if change.moved_from is not None else [f"because {change.reason}"]
    details = ", ".join([*extent(change), *_revisions(change), *why])
    return f"{title(change)} {what}" + (f" ({details})" if details else "")


def extent(change: Change) -> list[str]:
    """`comments only` or `formatting only`, or nothing."""
    return [_EXTENTS[change.extent]] if change.extent in _EXTENTS else []


def _revisions(change: Change) -> list[str]:
    if change.action is not Action.UPDATE or change.before is None or change.before.revision is None:
        return []
    return [f"revision {change.before.revision} -> {change.before.revision + 1}"]


def visible(plan: Plan) -> list[Change]:
    """The changes to list one by one: the old half of a move is shown with its new half."""
    return [change for change in plan.changes if change.moved_to is None]


def summary(plan: Plan) -> str:
    """`Plan: 1 to add, 2 to change, 0 to delete, 212 unchanged.` with further counts where above zero."""
    adopt, forget = plan.count(Action.ADOPT), plan.count(Action.FORGET)
    counts = plan.counts
    parts = [
        *([f"{adopt} to adopt"] if adopt else []),
        f"{plan.count(Action.CREATE)} to add",
        f"{plan.count(Action.UPDATE)} to change",
        f"{plan.count(Action.DELETE)} to delete",
        *([f"{forget} to forget"] if forget else []),
        f"{counts.unchanged} unchanged",
        *([f"{counts.unmanaged} unmanaged"] if counts.unmanaged else []),
        *([f"{counts.ignored} ignored"] if counts.ignored else []),
        *([f"{counts.not_selected} not selected"] if counts.not_selected else []),
    ]
    return f"Plan: {', '.join(parts)}."


def nothing(plan: Plan) -> str:
    """The one sentence of a plan without changes; it claims no more than was compared."""
    counts = plan.counts
    if plan.refusals:
        return f"No changes are planned for {plan.environment}."
    if counts.not_selected and not counts.unchanged and not counts.ignored:
        objects = plural(counts.not_selected, "object")
        return f"Nothing was compared: the selection leaves out {objects} of {plan.environment}, and there is no other."
    if counts.ignored or counts.not_selected:
        looked = "is selected" if counts.not_selected else "policy.ignore leaves"
        return f"No changes. The server matches the files of {plan.environment} in what {looked}."
    return f"No changes. The server matches the files of {plan.environment}."


def where(plan: Plan) -> str:
    """The environment and its server."""
    return f"{plan.environment} ({plan.server.url}, tenant {plan.server.tenant})"


def drifted(drift: Drift) -> str:
    """What happened to one object on the server, on one line."""
    deeds = {"changed": "has changed", "deleted": "has been deleted", "recreated": "has been written again"}
    moved = ""
    if drift.applied_revision is not None and drift.live_revision not in (None, drift.applied_revision):
        moved = f" (revision {drift.applied_revision} -> {drift.live_revision})"
    return f"{drift.key.address} {deeds.get(drift.kind, drift.kind)}{moved}"


def applied(drift: Drift) -> str:
    """Who applied it last, when, and from which commit."""
    if drift.applied_at is None:
        return f"last applied with digest {digest(drift.applied_digest)}"
    commit = f" from commit {_commit(drift.applied_commit)}" if drift.applied_commit else ""
    changed = f"; changed {moment(drift.changed_at)}" if drift.changed_at is not None else ""
    return f"last applied {moment(drift.applied_at)} by {drift.applied_by or 'somebody'}{commit}{changed}"


def _commit(text: str) -> str:
    """A commit as ledgers have it, short; what was applied from uncommitted changes is in no commit."""
    commit, dirty, _ = text.partition("-dirty")
    return f"{commit[:12]} and uncommitted changes" if dirty else commit[:12]


def refused(plan: Plan) -> str:
    """How many refusals stand."""
    return f"{plural(len(plan.refusals), 'refusal')}: apply writes nothing while any stands."
