"""Changes of a plan as writes to a server."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.applying import refusals
from flowctl.applying.fencing import LEDGER_ONLY
from flowctl.applying.secrets import Wanted
from flowctl.errors import ApplyError
from flowctl.model.keys import FlowKey, KvKey, ObjectKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change, Content, Plan
from flowctl.remote.port import Operation


def check_contents(plan: Plan) -> None:
    """Prove that a plan carries what it wants to write.

    Raises:
        ApplyError: A118, for each object whose text or bytes are not in the plan.
    """
    problems = [
        refusals.content_missing(change.key)
        for change in plan.changes
        if change.action in (Action.CREATE, Action.UPDATE) and not _carried(change.key, change.after)
    ]
    if problems:
        raise ApplyError(*problems)


def _carried(key: ObjectKey, after: Content | None) -> bool:
    if after is None:
        return False
    if isinstance(key, KvKey):
        return True
    return (after.source if isinstance(key, FlowKey) else after.data) is not None


def fenced_operation(change: Change, live: LiveState, values: Mapping[ObjectKey, Wanted]) -> Operation | None:
    """A change as an operation that holds only while the object is as `live` has it; None for ledger-only ones."""
    if change.action in LEDGER_ONLY:
        return None
    key, have = change.key, live.object(change.key)
    if isinstance(key, FlowKey):
        revision = have.revision if have is not None else live.deleted.get(key, 0)
        source = change.after.source if change.after is not None else None
        delete = change.action is Action.DELETE
        return Operation(key, delete=delete, source=None if delete else source, expected_revision=revision)
    expected = have.digest if have is not None else None
    if change.action is Action.DELETE:
        return Operation(key, delete=True, expected_digest=expected)
    assert change.after is not None
    if isinstance(key, KvKey):
        wanted, after = values[key], change.after
        return Operation(
            key,
            value=wanted.value,
            type=wanted.type,
            ttl=after.ttl,
            description=after.description,
            expected_digest=expected,
        )
    return Operation(key, data=change.after.data, expected_digest=expected)
