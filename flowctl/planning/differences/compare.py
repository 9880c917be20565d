"""Desired against existing, by digest alone: what is equal, what differs, what is not ours.

Nothing is parsed here, so that 10,000 unchanged flows cost some dictionary look-ups each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey, sort_key
from flowctl.model.ledger import LedgerEntry
from flowctl.model.live import LiveFlow, LiveObject, LiveState
from flowctl.model.plan import Action
from flowctl.model.project import Flow, KeyValue, NamespaceFile, Project
from flowctl.planning.differences.ownership import Ownership, ownership

DesiredObject = Flow | NamespaceFile | KeyValue
Desired = Mapping[ObjectKey, DesiredObject]
Existing = Mapping[ObjectKey, LiveObject]
KeptOff = Mapping[FlowKey, str]
RESERVED = "flowctl."


@dataclass(frozen=True, slots=True)
class Difference:
    """One object whose two sides, or whose ledger entry, do not agree. `entry` is what was applied last, `kept_off` as
    in `Change`."""

    action: Action
    key: ObjectKey
    desired: DesiredObject | None
    existing: LiveObject | None
    entry: LedgerEntry | None
    kept_off: str | None = None

    @property
    def owned(self) -> bool:
        """Whether flowctl applied this object before."""
        return self.entry is not None


@dataclass(slots=True)
class Comparison:
    """Everything that was compared. `unknown` are key-values whose variable is not set."""

    owned: Ownership
    kept_off: KeptOff = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unchanged: list[ObjectKey] = field(default_factory=list)
    unmanaged: list[ObjectKey] = field(default_factory=list)
    unknown: list[KeyValue] = field(default_factory=list)


def compare(project: Project, live: LiveState, kept_off: KeptOff | None = None) -> Comparison:
    """Both sides of an environment, in a stable order whatever the order of the input. `kept_off` are the digests of
    the files of flows that the project has disabled because somebody on the server did (`keeping.keep_off`)."""
    result = Comparison(ownership(live), kept_off or {})
    for desired, existing in _kinds(project, live):
        _compare_kind(desired, existing, result)
    _only_existing(project, live, result)
    _only_recorded(project, live, result)
    result.differences.sort(key=lambda difference: sort_key(difference.key))
    result.unmanaged.sort(key=sort_key)
    return result


def differing(project: Project, live: LiveState) -> tuple[FlowKey, ...]:
    """The flows whose live source a plan needs: those that differ, and those it would delete."""
    found = compare(project, live).differences
    return tuple(
        difference.key
        for difference in found
        if isinstance(difference.key, FlowKey) and difference.action in (Action.UPDATE, Action.DELETE)
    )


def flows_to_write(project: Project, live: LiveState) -> tuple[FlowKey, ...]:
    """The flows that a plan of everything would create or update, adoptions and policies apart."""
    return tuple(
        difference.key
        for difference in compare(project, live).differences
        if isinstance(difference.key, FlowKey) and difference.action in (Action.CREATE, Action.UPDATE)
    )


def contents_needed(project: Project, live: LiveState) -> tuple[FileKey, ...]:
    """The namespace files that a plan may write, so that it has to carry their bytes."""
    found = compare(project, live).differences
    return tuple(
        difference.key
        for difference in found
        if isinstance(difference.key, FileKey) and difference.action in (Action.CREATE, Action.UPDATE)
    )


def _kinds(project: Project, live: LiveState) -> tuple[tuple[Desired, Existing], ...]:
    """Both sides kind by kind. A mapping type is invariant in its keys, hence the casts."""
    return (
        (cast(Desired, project.flows), cast(Existing, live.flows)),
        (cast(Desired, project.files), cast(Existing, live.files)),
        (cast(Desired, project.kv), cast(Existing, live.kv)),
    )


def _compare_kind(desired: Desired, existing: Existing, result: Comparison) -> None:
    entries, recorded = result.owned.entries, result.owned.recorded
    for key, want in desired.items():
        have, entry = existing.get(key), entries.get(key)
        if have is None:
            _missing(key, want, entry, result)
        elif want.digest == have.digest and entry is not None and _is_current(entry, have, recorded.get(key), result):
            result.unchanged.append(key)
        elif isinstance(key, FlowKey) and key in result.kept_off:
            _kept_off(key, want, have, entry, result)
        elif want.digest is None:
            _unknown(key, want, have, entry, result)
        else:
            action = Action.ADOPT if want.digest == have.digest else Action.UPDATE
            result.differences.append(Difference(action, key, want, have, entry))


def _is_current(entry: LedgerEntry, have: LiveObject, recorded: LedgerEntry | None, result: Comparison) -> bool:
    if entry is not recorded or (entry.digest != have.digest and not result.owned.same(entry.digest, have.digest)):
        return False
    return not isinstance(have, LiveFlow) or entry.revision is None or entry.revision == have.revision


def _kept_off(
    key: FlowKey, want: DesiredObject, have: LiveObject, entry: LedgerEntry | None, result: Comparison
) -> None:
    """A flow that stays disabled. The ledger has the digest of its file, not that of the server's text."""
    filed = result.kept_off[key]
    if want.digest != have.digest:
        result.differences.append(Difference(Action.UPDATE, key, want, have, entry, filed))
    elif entry is not None and entry.digest == filed:
        result.unchanged.append(key)
    else:
        result.differences.append(Difference(Action.ADOPT, key, want, have, entry, filed))


def _missing(key: ObjectKey, want: DesiredObject, entry: LedgerEntry | None, result: Comparison) -> None:
    """Not on the server. A key-value whose time to live ran out is as it should be."""
    expires = isinstance(want, KeyValue) and want.ttl is not None
    if expires and entry is not None and (want.digest is None or result.owned.same(entry.digest, want.digest)):
        result.unchanged.append(key)
        return
    result.differences.append(Difference(Action.CREATE, key, want, None, entry))


def _unknown(
    key: ObjectKey, want: DesiredObject, have: LiveObject, entry: LedgerEntry | None, result: Comparison
) -> None:
    """The variable of a value is not set: nothing can be said, and that is said."""
    assert isinstance(want, KeyValue)
    if entry is None:
        result.differences.append(Difference(Action.UPDATE, key, want, have, None))
        return
    result.unknown.append(want)
    result.unchanged.append(key)


def _only_existing(project: Project, live: LiveState, result: Comparison) -> None:
    """On the server alone: ours is deleted, anything else is none of our business."""
    owns = _Scope(project)
    for desired, existing in _kinds(project, live):
        for key, have in existing.items():
            if key in desired or not owns(key):
                continue
            entry = result.owned.entries.get(key)
            if entry is None:
                result.unmanaged.append(key)
            else:
                result.differences.append(Difference(Action.DELETE, key, None, have, entry))


def _only_recorded(project: Project, live: LiveState, result: Comparison) -> None:
    """In the ledger alone: forgotten. An entry that only an intent added has nothing to forget."""
    for key, entry in result.owned.recorded.items():
        gone = key not in live.flows and key not in live.files and key not in live.kv
        if gone and key not in project.flows and key not in project.files and key not in project.kv:
            result.differences.append(Difference(Action.FORGET, key, None, None, entry))


class _Scope:
    """Whether an object lies in the environment's namespaces, asked once per namespace."""

    def __init__(self, project: Project) -> None:
        self._environment, self._known = project.environment, dict[str, bool]()

    def __call__(self, key: ObjectKey) -> bool:
        if isinstance(key, KvKey) and key.key.startswith(RESERVED):
            return False
        owned = self._known.get(key.namespace)
        if owned is None:
            owned = self._known[key.namespace] = self._environment.owns_namespace(key.namespace)
        return owned
