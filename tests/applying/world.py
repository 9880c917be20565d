"""What a test wants, as a project, and its way to a plan and an apply; the server is the real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from flowctl.applying.apply import ApplyOptions, apply_plan
from flowctl.applying.secrets import typed
from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Plan
from flowctl.model.progress import Progress
from flowctl.model.project import Flow, FlowReference, KeyValue, KvType, NamespaceFile, Project
from flowctl.model.report import ApplyReport
from flowctl.planning.build import build_plan
from flowctl.planning.differences.compare import differing
from flowctl.planning.request import PlanOptions, PlanRequest
from flowctl.planning.selection import EVERYTHING, Selection
from flowctl.remote.port import Server

NS = "dev"
_IDS = count(1)


def source(id_: str, message: str = "hello", calls: str | None = None) -> str:
    """A small flow; `calls` adds a Subflow task."""
    text = f"id: {id_}\nnamespace: {NS}\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n"
    text += f"    message: {message}\n"
    if calls:
        text += f"  - id: sub\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {NS}\n    flowId: {calls}\n"
    return text


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """The files of an environment. `flows` are texts by id, `files` bytes by path, `kv` values by key."""

    environment: Environment
    flows: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    kv: dict[str, object] = field(default_factory=dict)
    variables: dict[str, tuple[KvType, str]] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    progress: list[Progress] = field(default_factory=list)

    def project(self) -> Project:
        return Project(
            self.environment,
            flows={FlowKey(NS, id_): self._flow(id_, text) for id_, text in self.flows.items()},
            files={
                FileKey(NS, path): NamespaceFile(FileKey(NS, path), bytes_digest(data), len(data), path)
                for path, data in self.files.items()
            },
            kv={KvKey(NS, key): self._value(key, value) for key, value in self.kv.items()}
            | {KvKey(NS, key): self._variable(key, *named) for key, named in self.variables.items()},
        )

    def _flow(self, id_: str, text: str) -> Flow:
        called = self.calls.get(id_)
        references = (FlowReference("subflow", NS, called, "tasks[sub]"),) if called else ()
        return Flow(FlowKey(NS, id_), text, text_digest(text), f"flows/dev/{id_}.yaml", references)

    def _value(self, key: str, value: object) -> KeyValue:
        return KeyValue(KvKey(NS, key), "STRING", value, kv_digest("STRING", value), "flows/dev/_kv.yaml")

    def _variable(self, key: str, kind: KvType, name: str) -> KeyValue:
        text = self.environ.get(name)
        digest = kv_digest(kind, typed(kind, text)) if text is not None else None
        return KeyValue(KvKey(NS, key), kind, None, digest, "flows/dev/_kv.yaml", env=name)

    def plan(self, server: Server, selection: Selection = EVERYTHING, **options: object) -> Plan:
        """A plan against what the server has now."""
        project, live = self.project(), server.read_state(self.environment)
        return build_plan(
            PlanRequest(
                project,
                live,
                now=self.clock(),
                plan_id=f"plan-{next(_IDS)}",
                flowctl_version="0.1.0",
                sources=server.read_sources(differing(project, live)),
                data={FileKey(NS, path): data for path, data in self.files.items()},
                selection=selection,
                options=PlanOptions(allow_empty=True, max_deletes="100%", **options),  # type: ignore[arg-type]
            )
        )

    def apply(
        self,
        server: Server,
        plan: Plan | None = None,
        *,
        stop: threading.Event | None = None,
        pause: Callable[[float], None] | None = None,
        environ: Mapping[str, str] | None = None,
        **options: object,
    ) -> ApplyReport:
        """Apply a plan, by default one made now."""
        wanted = ApplyOptions(self.environment, owner="ann", host="desk", **options)  # type: ignore[arg-type]
        return apply_plan(
            plan or self.plan(server),
            server,
            wanted,
            self.progress.append,
            self.clock,
            self.environ if environ is None else environ,
            stop or threading.Event(),
            pause or self.clock.forward,
        )


def texts(server: Server, live: LiveState) -> dict[str, str]:
    """The server's flows by id."""
    return {key.id: text for key, text in server.read_sources(tuple(live.flows)).items()}
