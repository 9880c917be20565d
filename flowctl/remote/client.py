"""`connect`: a server that speaks Kestra's API, of either generation, with or without flowctl's own routes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowctl.errors import ServerRefused
from flowctl.model.activity import Activity
from flowctl.model.environment import Environment
from flowctl.model.history import FlowRevision, HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Ledger, Lock
from flowctl.model.live import LiveFlow, LiveState, ServerIdentity, Verdict
from flowctl.remote import batch, kestra, state
from flowctl.remote.bookkeeping.journal import Journal
from flowctl.remote.bookkeeping.records import LOCK
from flowctl.remote.http import identifying
from flowctl.remote.http.connecting import http_client, server_address
from flowctl.remote.http.retrying import Pause
from flowctl.remote.http.transport import Log, Transport
from flowctl.remote.objects import activity, files, flows, revisions, triggers, validation, values
from flowctl.remote.port import BatchOutcome, Operation, Server, Written
from flowctl.remote.state import Snapshot

if TYPE_CHECKING:
    import httpx


def connect(
    environment: Environment,
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    token: str | None = None,
    log: Log | None = None,
    pause: Pause = time.sleep,
    transport: httpx.BaseTransport | None = None,
) -> Server:
    """A connection to an environment's server; nothing is sent yet.

    `url` and `token` are the bundled server's. `log` gets one line per request, without credentials or values.
    `transport` replaces the network (tests).

    Raises:
        ServerError: S101, S102, S103: what the environment says cannot be used.
    """
    address = server_address(environment, url)
    client = http_client(environment, environ, address, token, transport)
    wire = Transport(client, address, environment.tenant, log=log, pause=pause, environment=environment.name)
    return HttpServer(wire, environment)


class HttpServer:
    """Implements `flowctl.remote.port.Server`; safe to use from several threads."""

    def __init__(self, transport: Transport, environment: Environment) -> None:
        self._transport, self._environment = transport, environment
        self._journal = Journal(transport)
        self._identity: ServerIdentity | None = None
        self._sources: dict[FlowKey, str] = {}

    @property
    def identity(self) -> ServerIdentity:
        """Which server this is; asked once."""
        if self._identity is None:
            ask = identifying.from_own_routes if self._environment.bundled else identifying.from_configs
            self._identity = ask(self._transport, self._environment.tenant)
        return self._identity

    def read_state(self, environment: Environment) -> LiveState:
        """Everything in the environment's namespaces: one request where the server can, else a fixed number."""
        if (environment.bundled and self._identity is None) or self.identity.capabilities.state:
            snapshot = self._read_own(environment)
        else:
            snapshot = self._read_kestra(environment)
        ledger, problem = self._journal.ledger(environment.namespace)
        return LiveState(
            self.identity,
            datetime.now(UTC),
            snapshot.flows,
            snapshot.files,
            snapshot.kv,
            snapshot.triggers,
            snapshot.deleted,
            ledger,
            self._journal.lock(environment.namespace),
            problem,
            snapshot.calls,
            snapshot.executions,
            snapshot.secrets,
            unasked=snapshot.unasked,
        )

    def _read_own(self, environment: Environment) -> Snapshot:
        answer = state.ask_state(self._transport, environment)
        self._identity = identifying.from_own_routes(self._transport, environment.tenant, answer)
        snapshot = state.read_answer(answer)
        self._journal.learn(environment.namespace, snapshot.own.get(environment.namespace, {}))
        return snapshot

    def _read_kestra(self, environment: Environment) -> Snapshot:
        self._journal.fetch_ledger(environment.namespace)
        self._journal.fetch(environment.namespace, LOCK)
        ledger, _ = self._journal.ledger(environment.namespace)
        owned = {key.namespace for key in ledger.entries} if ledger is not None else set()
        with ThreadPoolExecutor(environment.parallelism) as pool:
            snapshot = kestra.read_snapshot(self._transport, environment, owned, modern=self.identity.modern, pool=pool)
        self._sources = {key: flow.source for key, flow in snapshot.flows.items() if flow.source is not None}
        return snapshot

    def read_sources(self, keys: Sequence[FlowKey]) -> Mapping[FlowKey, str]:
        """Texts of flows: one request where the server can; else those of the last export, or one request each."""
        if not keys:
            return {}
        if self.identity.capabilities.state:
            return state.ask_sources(self._transport, keys)
        missing = [key for key in keys if key not in self._sources]
        found = {key: self._sources[key] for key in keys if key in self._sources}
        for flow in map(self.read_flow, missing):
            if flow is not None and flow.source is not None:
                found[flow.key] = flow.source
        return found

    def validate(self, flows: Sequence[tuple[FlowKey, str]]) -> tuple[Verdict, ...]:
        """The server's opinion of flows, in their order."""
        return validation.validate(self._transport, flows)

    def read_flow(self, key: FlowKey) -> LiveFlow | None:
        """A flow with its text, or None."""
        return flows.read_flow(self._transport, key)

    def read_revisions(self, key: FlowKey) -> tuple[FlowRevision, ...]:
        """Every text that the server keeps of a flow, oldest first; see `flowctl.remote.objects.revisions`."""
        return revisions.read_revisions(self._transport, key)

    def create_flow(self, key: FlowKey, source: str) -> Written:
        """See `flowctl.remote.objects.flows.create_flow`."""
        return flows.create_flow(self._transport, key, source)

    def update_flow(self, key: FlowKey, source: str) -> Written:
        """See `flowctl.remote.objects.flows.update_flow`."""
        return flows.update_flow(self._transport, key, source)

    def delete_flow(self, key: FlowKey) -> bool:
        """Whether there was a flow to delete."""
        return flows.delete_flow(self._transport, key)

    def read_activity(self, flows: Sequence[FlowKey]) -> Activity:
        """What runs and what is about to fire of these flows, as of now."""
        return activity.read_activity(self._transport, flows)

    def switch_trigger(self, flow: FlowKey, trigger_id: str, *, off: bool, recover: bool = False) -> bool:
        """See `flowctl.remote.objects.triggers.switch_trigger`."""
        modern = self.identity.modern
        return triggers.switch_trigger(self._transport, flow, trigger_id, off=off, modern=modern, recover=recover)

    def read_file(self, key: FileKey) -> bytes | None:
        """A file's bytes, or None."""
        return files.read_file(self._transport, key)

    def put_file(self, key: FileKey, data: bytes) -> Written:
        """Write a file."""
        return files.put_file(self._transport, key, data)

    def delete_file(self, key: FileKey) -> bool:
        """Delete a file."""
        return files.delete_file(self._transport, key)

    def read_value(self, key: KvKey) -> tuple[str, object] | None:
        """Type and value, or None."""
        return values.read_value(self._transport, key)

    def read_descriptions(self, namespaces: Sequence[str]) -> Mapping[KvKey, str]:
        """Descriptions of key-values."""
        return values.read_descriptions(self._transport, namespaces)

    def put_value(
        self, key: KvKey, kind: str, value: object, ttl: str | None = None, description: str | None = None
    ) -> Written:
        """Write a value."""
        return values.put_value(self._transport, key, kind, value, ttl, description)

    def delete_value(self, key: KvKey) -> bool:
        """Whether there was a value to delete."""
        return values.delete_value(self._transport, key)

    def batch(self, operations: Sequence[Operation], plan_id: str) -> BatchOutcome:
        """All or nothing, in one transaction; only with the capability `batch`."""
        outcome = batch.send_batch(self._transport, operations, plan_id)
        if not outcome.conflicts:
            self._journal.absorb(operations)
        return outcome

    def read_ledger(self, namespace: str) -> Ledger | None:
        """The ledger as it is now.

        Raises:
            ServerRefused: S214, it is there and cannot be read.
        """
        self._journal.fetch_ledger(namespace)
        ledger, problem = self._journal.ledger(namespace)
        if problem is not None:
            raise _unreadable(problem)
        return ledger

    def write_ledger(self, namespace: str, ledger: Ledger) -> None:
        """Write the ledger; a kill in between leaves the old one."""
        self._journal.write_ledger(namespace, ledger)

    def ledger_operations(self, namespace: str, ledger: Ledger) -> tuple[Operation, ...]:
        """The ledger for a batch, fenced by what was read last."""
        return self._journal.ledger_operations(namespace, ledger)

    def read_lock(self, namespace: str) -> Lock | None:
        """The lock as it is now, released or not."""
        self._journal.fetch(namespace, LOCK)
        return self._journal.lock(namespace)

    def write_lock(self, namespace: str, lock: Lock) -> None:
        """Write the lock, whatever was there."""
        self._journal.write_lock(namespace, lock)

    def swap_lock(self, namespace: str, lock: Lock) -> bool:
        """Write the lock unless it changed since it was read last; at once where the server can."""
        if self.identity.capabilities.batch:
            operation = self._journal.lock_operation(namespace, lock)
            return not self.batch([operation], lock.plan_id).conflicts
        before = self._journal.lock(namespace)
        if self.read_lock(namespace) != before:
            return False
        self._journal.write_lock(namespace, lock)
        return True

    def lock_operation(self, namespace: str, lock: Lock) -> Operation:
        """The lock for a batch, fenced by what was read last."""
        return self._journal.lock_operation(namespace, lock)

    def history_operations(self, namespace: str, entry: HistoryEntry) -> tuple[Operation, ...]:
        """A history entry for a batch."""
        return self._journal.history_operations(namespace, entry)

    def write_history(self, namespace: str, entry: HistoryEntry) -> None:
        """Add a history entry and drop what is too old."""
        self._journal.write_history(namespace, entry)

    def read_history(self, namespace: str) -> tuple[HistoryEntry, ...]:
        """What past applies did, newest first."""
        ledger = self.read_ledger(namespace)
        return self._journal.read_history(namespace, ledger.serial if ledger is not None else 0)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _unreadable(problem: str) -> ServerRefused:
    from flowctl.model.diagnostic import Diagnostic

    hint = "make a plan: it rebuilds what equals the files and asks for the rest"
    return ServerRefused(Diagnostic("S214", "error", "the ledger cannot be read", problem, hint), status=200)
