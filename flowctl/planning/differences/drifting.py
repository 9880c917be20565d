"""What somebody else changed on the server since the last apply."""

from __future__ import annotations

from flowctl.model.keys import FlowKey
from flowctl.model.ledger import KEYED
from flowctl.model.live import LiveFlow, LiveState
from flowctl.model.plan import Action, Drift, FieldChange
from flowctl.model.project import Flow
from flowctl.planning.differences.compare import Difference
from flowctl.planning.differences.explain import explain
from flowctl.planning.differences.ownership import Ownership
from flowctl.planning.differences.sides import Sides


def drift_of(difference: Difference, owned: Ownership, sides: Sides, live: LiveState) -> Drift | None:
    """The drift of one object; None when the server has what the ledger says, or what the files want anyway."""
    entry, have = difference.entry, difference.existing
    kind = _kind(difference, owned)
    if entry is None or kind is None:
        return None
    live_digest = have.digest if have is not None else None
    if entry.digest.startswith(KEYED):
        live_digest = owned.keyed(live_digest)
    return Drift(
        difference.key,
        kind,
        entry.digest,
        live_digest,
        entry.revision,
        _live_revision(difference, live),
        _fields(difference, sides),
        entry.commit,
        entry.by,
        entry.at,
        have.updated if isinstance(have, LiveFlow) else None,
    )


def _kind(difference: Difference, owned: Ownership) -> str | None:
    entry, have, action = difference.entry, difference.existing, difference.action
    if entry is None or action is Action.FORGET:
        return None
    if have is None:
        return "deleted"
    if not owned.same(entry.digest, have.digest):
        return None if action is Action.ADOPT else "changed"
    moved_on = isinstance(have, LiveFlow) and entry.revision not in (None, have.revision)
    return "recreated" if moved_on else None


def _live_revision(difference: Difference, live: LiveState) -> int | None:
    if difference.existing is not None:
        return difference.existing.revision
    return live.deleted.get(difference.key) if isinstance(difference.key, FlowKey) else None


def _fields(difference: Difference, sides: Sides) -> tuple[FieldChange, ...]:
    """What was changed, where the applied text is still at hand: it is the file's when only the server moved."""
    want, have, entry = difference.desired, difference.existing, difference.entry
    if not isinstance(want, Flow) or not isinstance(have, LiveFlow) or entry is None or want.digest != entry.digest:
        return ()
    source = sides.sources.get(want.key)
    if source is None:
        return ()
    applied = sides.documents.read(want.digest, want.source)
    found = sides.documents.read(have.digest, source)
    return explain(applied.value, found.value) if applied is not None and found is not None else ()
