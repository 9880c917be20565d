"""Both sides of an environment, built in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from flowctl.flowtext.document import parse
from flowctl.language.references import references
from flowctl.model.environment import Environment, Policy
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import Ledger, LedgerEntry, keyed_digest
from flowctl.model.live import LiveFile, LiveFlow, LiveKeyValue, LiveState, ServerIdentity
from flowctl.model.plan import Plan
from flowctl.model.project import Flow, KeyValue, KvType, NamespaceFile, Project
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanOptions, PlanRequest
from flowctl.planning.selection import Selection

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIER = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)
DIGEST_KEY = "00" * 32
SERVER = ServerIdentity("http://127.0.0.1:8080", "main", "server-1", "2.0.0")

Content = str | bytes | tuple[str, object]
Objects = Mapping[ObjectKey, Content]


def flow(namespace: str, name: str, *tasks: str, extra: str = "") -> tuple[FlowKey, str]:
    """A key and a sound text. A task is the message of a Log, or `>NS/ID` for a Subflow."""
    lines = [f"id: {name}", f"namespace: {namespace}", ""]
    lines += [extra.rstrip("\n")] if extra else []
    lines.append("tasks:")
    for number, task in enumerate(tasks or ("hello",), start=1):
        if task.startswith(">"):
            child, _, child_id = task[1:].partition("/")
            lines += [f"  - id: call{number}", "    type: io.kestra.plugin.core.flow.Subflow"]
            lines += [f"    namespace: {child}", f"    flowId: {child_id}"]
        else:
            lines += [f"  - id: say{number}", "    type: io.kestra.plugin.core.log.Log", f"    message: {task}"]
    return FlowKey(namespace, name), "\n".join(lines) + "\n"


def environment(**policy: Any) -> Environment:
    """An environment `dev` of the namespace `dev`."""
    return Environment(
        "dev",
        Path("/w/environments/dev.yaml"),
        "bundled",
        (Path("flows/dev"),),
        "dev",
        ("dev",),
        policy=Policy(**policy),
    )


def project(objects: Objects, env: Environment | None = None) -> Project:
    """The desired side."""
    flows = {key: _flow(key, str(text)) for key, text in objects.items() if isinstance(key, FlowKey)}
    files = {
        key: NamespaceFile(key, bytes_digest(data), len(data), f"/w/flows/dev/_files{key.path}")
        for key, data in objects.items()
        if isinstance(key, FileKey) and isinstance(data, bytes)
    }
    kv = {key: _kv(key, value) for key, value in objects.items() if isinstance(key, KvKey) and isinstance(value, tuple)}
    return Project(env or environment(), flows, files, kv)


def _flow(key: FlowKey, text: str) -> Flow:
    return Flow(key, text, text_digest(text), f"flows/dev/{key.id}.yaml", references(parse(text).value))


def _kv(key: KvKey, value: tuple[str, object]) -> KeyValue:
    kind: KvType = value[0]  # type: ignore[assignment]  # tests name real types
    return KeyValue(key, kind, value[1], kv_digest(*value), "flows/dev/_kv.yaml")


def live(objects: Objects, revisions: Mapping[ObjectKey, int] | None = None, **more: Any) -> LiveState:
    """The existing side, without a ledger."""
    numbers = revisions or {}
    flows = {
        key: LiveFlow(key, numbers.get(key, 1), text_digest(str(text)), disabled="\ndisabled: true" in str(text))
        for key, text in objects.items()
        if isinstance(key, FlowKey)
    }
    files = {
        key: LiveFile(key, bytes_digest(data), len(data))
        for key, data in objects.items()
        if isinstance(key, FileKey) and isinstance(data, bytes)
    }
    kv = {
        key: LiveKeyValue(key, value[0], kv_digest(*value), numbers.get(key, 1))
        for key, value in objects.items()
        if isinstance(key, KvKey) and isinstance(value, tuple)
    }
    return LiveState(SERVER, NOW, flows, files, kv, **({"executions": {}, "calls": ()} | more))


def digest_of(content: Content) -> str:
    """The digest of any content."""
    if isinstance(content, str):
        return text_digest(content)
    return bytes_digest(content) if isinstance(content, bytes) else kv_digest(*content)


def ledger(
    objects: Objects, revisions: Mapping[ObjectKey, int] | None = None, secret: tuple[KvKey, ...] = ()
) -> Ledger:
    """A ledger that says these objects were applied."""
    numbers = revisions or {}
    entries = {}
    for key, content in objects.items():
        digest = digest_of(content)
        digest = keyed_digest(DIGEST_KEY, digest) if key in secret else digest
        revision = None if isinstance(key, FileKey) else numbers.get(key, 1)
        entries[key] = LedgerEntry(digest, revision, "c0ffee" * 6 + "c0ff", EARLIER, "ada@host")
    return Ledger("lineage-1", 4, DIGEST_KEY, entries)


def sources(objects: Objects) -> dict[FlowKey, str]:
    """The live texts of the flows."""
    return {key: str(text) for key, text in objects.items() if isinstance(key, FlowKey)}


def request(
    desired: Objects,
    existing: Objects,
    applied: Objects | None = None,
    *,
    env: Environment | None = None,
    options: PlanOptions | None = None,
    selection: Selection | None = None,
    state: LiveState | None = None,
) -> PlanRequest:
    """A request over both sides; `applied` is what the ledger says, None without a ledger."""
    found = state or live(existing)
    if applied is not None and found.ledger is None:
        found = replace(found, ledger=ledger(applied))
    return PlanRequest(
        project(desired, env),
        found,
        NOW,
        "plan-1",
        "0.1.0",
        sources=sources(existing),
        data={key: data for key, data in desired.items() if isinstance(key, FileKey) and isinstance(data, bytes)},
        options=options or PlanOptions(),
        selection=selection or Selection(),
    )


def plan(desired: Objects, existing: Objects, applied: Objects | None = None, **more: Any) -> Plan:
    """The plan of such a request."""
    return build_plan(request(desired, existing, applied, **more))
