"""The existing side: what a server holds, read in a fixed number of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Ledger, Lock


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server can do beyond Kestra's API, from the header `Flowctl-Capabilities`; never assumed."""

    state: bool = False
    batch: bool = False


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Which server this is. `id` is stable over restarts (`uuid` of `configs`); `url` is shown, not compared."""

    url: str
    tenant: str
    id: str
    version: str
    edition: str = "OSS"
    capabilities: Capabilities = Capabilities()

    @property
    def modern(self) -> bool:
        """Whether the server speaks the 2.0 routes. An unreadable version counts as 2.x, as other clients do."""
        major = self.version.split(".", 1)[0]
        return not (major.isdigit() and int(major) < 2)


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """A flow on the server. `source` is None until it is asked for; `digest` is over the exact text."""

    key: FlowKey
    revision: int
    digest: str
    disabled: bool = False
    source: str | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A namespace file on the server."""

    key: FileKey
    digest: str
    size: int

    @property
    def revision(self) -> None:
        """Files have none."""
        return None


@dataclass(frozen=True, slots=True)
class LiveKeyValue:
    """A key-value pair on the server; the value itself is never kept. `type` as in `KeyValue`."""

    key: KvKey
    type: str
    digest: str
    revision: int | None = None
    expires: datetime | None = None


LiveObject = LiveFlow | LiveFile | LiveKeyValue


@dataclass(frozen=True, slots=True)
class LiveTrigger:
    """Run-time state of a trigger. `polls` says that at its next date it only looks whether to start something."""

    flow: FlowKey
    trigger_id: str
    disabled: bool
    next_date: datetime | None = None
    last_date: datetime | None = None
    backfill: bool = False
    running: bool = False
    polls: bool = False


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything the server has in an environment's namespaces. `deleted` maps keys that have only a
    tombstone to its revision: created again, numbering goes on from there and the old revisions come back.

    `ledger_problem` says why a ledger that is there could not be read.

    What a server may not tell is None then, and never taken for empty: `calls` (caller, relation, called: of flows
    anywhere on the server that have to do with these namespaces, callers of callers among them; but those of flows in
    the namespaces `unasked`, of which the server did not tell them), `executions` (how many are not at their end, by
    flow and state), `secrets` (namespace and name)."""

    server: ServerIdentity
    fetched_at: datetime
    flows: Mapping[FlowKey, LiveFlow]
    files: Mapping[FileKey, LiveFile] = field(default_factory=dict)
    kv: Mapping[KvKey, LiveKeyValue] = field(default_factory=dict)
    triggers: tuple[LiveTrigger, ...] = ()
    deleted: Mapping[FlowKey, int] = field(default_factory=dict)
    ledger: Ledger | None = None
    lock: Lock | None = None
    ledger_problem: str | None = None
    calls: tuple[tuple[FlowKey, str, FlowKey], ...] | None = None
    executions: Mapping[FlowKey, Mapping[str, int]] | None = None
    secrets: frozenset[tuple[str, str]] | None = None
    unasked: tuple[str, ...] = ()

    def object(self, key: ObjectKey) -> LiveObject | None:
        """The object of a key, of whatever kind; None when the server has none."""
        if isinstance(key, FlowKey):
            return self.flows.get(key)
        return self.files.get(key) if isinstance(key, FileKey) else self.kv.get(key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The target server's opinion of one flow."""

    key: FlowKey
    constraints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    deprecations: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
