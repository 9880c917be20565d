"""One difference as a change: both sides, what differs in words, and what to say about it."""

from __future__ import annotations

from flowctl.errors import PlanError
from flowctl.flowtext.digests import bytes_digest, kv_digest
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveFile, LiveFlow, LiveKeyValue
from flowctl.model.plan import Action, Change, Content, Extent, FieldChange
from flowctl.model.project import Flow, KeyValue, NamespaceFile
from flowctl.planning import notes, refusals
from flowctl.planning.differences.compare import Difference
from flowctl.planning.differences.explain import explain
from flowctl.planning.differences.extent import extent
from flowctl.planning.differences.ignoring import equal_apart_from, ignored, patterns_for
from flowctl.planning.differences.masking import MASK
from flowctl.planning.differences.ownership import Ownership
from flowctl.planning.differences.reasons import reason_for
from flowctl.planning.differences.sides import Sides
from flowctl.planning.request import PlanRequest
from flowctl.planning.where import relative

_WRITTEN = (Action.CREATE, Action.UPDATE)
_EMPTY = kv_digest("STRING", "")
_NAME = ("id", "namespace")


def is_ignored(difference: Difference, request: PlanRequest, sides: Sides) -> bool:
    """Whether two flows differ only at places that `policy.ignore` leaves alone."""
    want, have = difference.desired, difference.existing
    ignore = request.project.environment.policy.ignore
    if not ignore or difference.action is not Action.UPDATE:
        return False
    if not isinstance(want, Flow) or not isinstance(have, LiveFlow) or want.key not in sides.sources:
        return False
    old = sides.documents.read(have.digest, sides.sources[want.key])
    new = sides.documents.read(want.digest, want.source)
    if old is None or new is None:
        return False
    return equal_apart_from(old.value, new.value, patterns_for(want.key, ignore))


def change_for(difference: Difference, request: PlanRequest, owned: Ownership, sides: Sides) -> Change:
    """The change that a difference asks for, not yet ordered.

    Raises:
        PlanError: P108, a file's bytes are not those that were compared.
    """
    before, after = sides.before(difference), sides.after(difference)
    _prove_unmoved(difference, after)
    how, fields = _explained(difference, before, after, sides)
    return Change(
        difference.action,
        difference.key,
        before,
        after,
        reason_for(difference, owned, request.live),
        level=0,
        extent=how,
        fields=fields,
        path=relative(difference.desired.path, request.project.environment) if difference.desired is not None else None,
        notes=tuple(_notes(difference, request, owned, fields)),
        kept_off=difference.kept_off,
    )


def _prove_unmoved(difference: Difference, after: Content | None) -> None:
    if after is not None and after.data is not None and bytes_digest(after.data) != after.digest:
        path = difference.desired.path if difference.desired is not None else ""
        raise PlanError(refusals.changed_meanwhile(difference.key, path))


def _explained(
    difference: Difference, before: Content | None, after: Content | None, sides: Sides
) -> tuple[Extent, tuple[FieldChange, ...]]:
    """What differs; of an update never nothing, unless it is comments or layout alone."""
    if difference.action is not Action.UPDATE or before is None or after is None:
        return Extent.CONTENT, ()
    if isinstance(difference.desired, Flow):
        return _flow(difference.desired, before, sides)
    if isinstance(difference.desired, NamespaceFile):
        return Extent.CONTENT, (_file(difference, after),)
    return Extent.CONTENT, _value(difference)


def _flow(want: Flow, before: Content, sides: Sides) -> tuple[Extent, tuple[FieldChange, ...]]:
    unknown = (FieldChange("", "change"),)
    if before.source is None or before.digest is None:
        return Extent.CONTENT, unknown
    old = sides.documents.read(before.digest, before.source)
    new = sides.documents.read(want.digest, want.source)
    how = extent(before.source, want.source, old, new)
    if how is not Extent.CONTENT:
        return how, ()
    if old is None or new is None:
        return how, unknown
    return how, explain(old.value, new.value) or unknown


def moved_fields(after: Content | None, before: Content | None, sides: Sides) -> tuple[FieldChange, ...]:
    """What a flow's text says differently under its new name, apart from that name."""
    if after is None or after.source is None or before is None or before.source is None:
        return ()
    old = sides.documents.read(before.digest or "", before.source)
    new = sides.documents.read(after.digest or "", after.source)
    if old is None or new is None:
        return ()
    return tuple(field for field in explain(old.value, new.value) if field.place not in _NAME)


def _file(difference: Difference, after: Content) -> FieldChange:
    have = difference.existing
    assert isinstance(have, LiveFile) and after.digest is not None
    was = f"{have.size} bytes, sha256 {have.digest[:12]}"
    return FieldChange("content", "change", was, f"{after.size} bytes, sha256 {after.digest[:12]}")


def _value(difference: Difference) -> tuple[FieldChange, ...]:
    have, want = difference.existing, difference.desired
    assert isinstance(have, LiveKeyValue) and isinstance(want, KeyValue)
    kind = (FieldChange("type", "change", have.type, want.type),) if have.type != want.type else ()
    return (*kind, FieldChange("value", "change", MASK, MASK if want.env is None else f"{MASK} (from {want.env})"))


def _notes(
    difference: Difference, request: PlanRequest, owned: Ownership, fields: tuple[FieldChange, ...]
) -> list[Diagnostic]:
    key, found = difference.key, list[Diagnostic]()
    if difference.action is Action.CREATE and isinstance(key, FlowKey) and key in request.live.deleted:
        found.append(notes.tombstone(key, request.live.deleted[key]))
    if difference.action is Action.UPDATE and isinstance(key, FlowKey):
        patterns = patterns_for(key, request.project.environment.policy.ignore)
        places = [field.place for field in fields if ignored(field.place, patterns)]
        found += [notes.overwrites_ignored(key, places)] if places else []
    if difference.kept_off is not None:
        found.append(notes.stays_off(str(key)))
    want = difference.desired
    if difference.action in _WRITTEN and isinstance(want, KeyValue) and want.env and want.digest == _EMPTY:
        found.append(notes.empty_variable(want))
    entry, have = difference.entry, difference.existing
    if difference.action is Action.DELETE and entry is not None and have is not None:
        found += [] if owned.same(entry.digest, have.digest) else [notes.deletes_edit(key, entry)]
    return found
