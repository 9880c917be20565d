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
    """A write that the server acknowledged. `revision` is None for files, and for key-values outside of a batch."""

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
    def identity(self) -> ServerIdentity:
        """Which server this is, and what it can do; asked once."""
        ...

    def read_state(self, environment: Environment) -> LiveState:
        """Everything in the environment's namespaces, with ledger and lock: one request where the server can, else a
        fixed number. On a server without that route flows come with their texts."""
        ...

    def read_sources(self, keys: Sequence[FlowKey]) -> Mapping[FlowKey, str]:
        """The texts of flows by key; flows that are not there are left out. Where reading the state brought texts
        along, these are given again, as old as they are."""
        ...

    def validate(self, flows: Sequence[tuple[FlowKey, str]]) -> tuple[Verdict, ...]:
        """What the server thinks of new texts: a verdict for each, in their order. Nothing is written."""
        ...

    def read_flow(self, key: FlowKey) -> LiveFlow | None:
        """A flow with its text; None when it is absent, deleted or a draft alone."""
        ...

    def read_revisions(self, key: FlowKey) -> tuple[FlowRevision, ...]:
        """Every text that the server keeps of a flow, oldest first, tombstones included."""
        ...

    def create_flow(self, key: FlowKey, source: str) -> Written:
        """Save a flow that is not there. Sent once: of a lost answer the text that is there then tells the outcome."""
        ...

    def update_flow(self, key: FlowKey, source: str) -> Written:
        """Save a flow that is there. The same text keeps its revision, so it may be sent again."""
        ...

    def delete_flow(self, key: FlowKey) -> bool:
        """Whether there was a flow to delete."""
        ...

    def read_activity(self, flows: Sequence[FlowKey]) -> Activity:
        """What runs of these flows, and their triggers, as of now."""
        ...

    def switch_trigger(self, flow: FlowKey, trigger_id: str, *, off: bool, recover: bool = False) -> bool:
        """Whether there is such a trigger to switch. `recover` fires what came meanwhile, where the server can."""
        ...

    def read_file(self, key: FileKey) -> bytes | None:
        """A file's bytes; None when there is none."""
        ...

    def put_file(self, key: FileKey, data: bytes) -> Written:
        """Write a file, whatever was there."""
        ...

    def delete_file(self, key: FileKey) -> bool:
        """Whether there was a file to delete, as far as the server tells: Kestra says yes in any case."""
        ...

    def read_value(self, key: KvKey) -> tuple[str, object] | None:
        """Type and value; None when there is none, or its time is over."""
        ...

    def read_descriptions(self, namespaces: Sequence[str]) -> Mapping[KvKey, str]:
        """The descriptions of the key-values of some namespaces; values without one are left out."""
        ...

    def put_value(
        self, key: KvKey, kind: str, value: object, ttl: str | None = None, description: str | None = None
    ) -> Written:
        """Write a value, whatever was there. `ttl` is an ISO 8601 duration."""
        ...

    def delete_value(self, key: KvKey) -> bool:
        """Whether there was a value to delete."""
        ...

    def batch(self, operations: Sequence[Operation], plan_id: str) -> BatchOutcome:
        """All operations in one transaction, or none. Only with the capability `batch`; sent once, so that after a lost
        answer the caller has to look what happened."""
        ...

    def read_ledger(self, namespace: str) -> Ledger | None:
        """The ledger as it is now; None when there is none. `ServerRefused` S214 when it cannot be understood."""
        ...

    def write_ledger(self, namespace: str, ledger: Ledger) -> None:
        """Write the ledger with single writes; a kill in between leaves the old one."""
        ...

    def ledger_operations(self, namespace: str, ledger: Ledger) -> tuple[Operation, ...]:
        """The ledger for a batch, fenced by what was read last."""
        ...

    def read_lock(self, namespace: str) -> Lock | None:
        """The lock as it is now, released or not; None when there is none."""
        ...

    def write_lock(self, namespace: str, lock: Lock) -> None:
        """Write the lock, whatever was there."""
        ...

    def swap_lock(self, namespace: str, lock: Lock) -> bool:
        """Write the lock unless it is another than was read last; False when it is. Atomic with the capability
        `batch`, a reading right before the write elsewhere."""
        ...

    def lock_operation(self, namespace: str, lock: Lock) -> Operation:
        """The lock for a batch, fenced by what was read last."""
        ...

    def write_history(self, namespace: str, entry: HistoryEntry) -> None:
        """Add an entry, and drop those that are too old."""
        ...

    def read_history(self, namespace: str) -> tuple[HistoryEntry, ...]:
        """What past applies did, newest first."""
        ...

    def history_operations(self, namespace: str, entry: HistoryEntry) -> tuple[Operation, ...]:
        """An entry for a batch, with the removal of those that are too old."""
        ...

    def close(self) -> None:
        """Close the connections. Nothing may be asked afterwards."""
        ...
