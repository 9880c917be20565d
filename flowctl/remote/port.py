"""What planning's caller and applying need of a server. Implemented by the HTTP client; fakes inject faults only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flowctl.model.activity import Activity
from flowctl.model.environment import Environment
from flowctl.model.history import FlowRevision, HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Ledger, Lock
from flowctl.model.live import LiveFlow, LiveState, ServerIdentity, Verdict


@dataclass(frozen=True, slots=True)
class Written:
    """A write that the server acknowledged. `revision` is None for files."""

    revision: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One write. Exactly one of `source` (flow), `data` (file), `value`+`type` (key-value) is set, none to delete.

    `expected_revision` fences flows (0: must never have existed; a tombstone's revision when it was deleted),
    `expected_digest` fences files and key-values (None: must not exist). `check` False writes without a fence.
    """

    key: ObjectKey
    delete: bool = False
    source: str | None = None
    data: bytes | None = None
    value: object = None
    type: str | None = None
    ttl: str | None = None
    description: str | None = None
    expected_revision: int | None = None
    expected_digest: str | None = None
    check: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fence of a batch that did not hold."""

    key: ObjectKey
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """Either every operation was applied (`written` in order) or none (`conflicts` says why)."""

    written: tuple[Written, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Server(Protocol):
    """A server. Every method raises `ServerUnreachable` or `ServerRefused`, with a diagnostic that says what to do."""

    @property
    def identity(self) -> ServerIdentity: ...

    def read_state(self, environment: Environment) -> LiveState: ...

    def read_sources(self, keys: Sequence[FlowKey]) -> Mapping[FlowKey, str]: ...

    def validate(self, flows: Sequence[tuple[FlowKey, str]]) -> tuple[Verdict, ...]: ...

    def read_flow(self, key: FlowKey) -> LiveFlow | None: ...

    def read_revisions(self, key: FlowKey) -> tuple[FlowRevision, ...]: ...

    def create_flow(self, key: FlowKey, source: str) -> Written: ...

    def update_flow(self, key: FlowKey, source: str) -> Written: ...

    def delete_flow(self, key: FlowKey) -> bool: ...

    def read_activity(self, flows: Sequence[FlowKey]) -> Activity: ...

    def switch_trigger(self, flow: FlowKey, trigger_id: str, *, off: bool, recover: bool = False) -> bool: ...

    def read_file(self, key: FileKey) -> bytes | None: ...

    def put_file(self, key: FileKey, data: bytes) -> Written: ...

    def delete_file(self, key: FileKey) -> bool: ...

    def read_value(self, key: KvKey) -> tuple[str, object] | None: ...

    def read_descriptions(self, namespaces: Sequence[str]) -> Mapping[KvKey, str]: ...

    def put_value(
        self, key: KvKey, kind: str, value: object, ttl: str | None = None, description: str | None = None
    ) -> Written: ...

    def delete_value(self, key: KvKey) -> bool: ...

    def batch(self, operations: Sequence[Operation], plan_id: str) -> BatchOutcome: ...

    def read_ledger(self, namespace: str) -> Ledger | None: ...

    def write_ledger(self, namespace: str, ledger: Ledger) -> None: ...

    def ledger_operations(self, namespace: str, ledger: Ledger) -> tuple[Operation, ...]: ...

    def read_lock(self, namespace: str) -> Lock | None: ...

    def write_lock(self, namespace: str, lock: Lock) -> None: ...

    def swap_lock(self, namespace: str, lock: Lock) -> bool: ...

    def lock_operation(self, namespace: str, lock: Lock) -> Operation: ...

    def write_history(self, namespace: str, entry: HistoryEntry) -> None: ...

    def read_history(self, namespace: str) -> tuple[HistoryEntry, ...]: ...

    def history_operations(self, namespace: str, entry: HistoryEntry) -> tuple[Operation, ...]: ...

    def close(self) -> None: ...
