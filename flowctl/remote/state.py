"""The live state of a server that has the `state` route: everything in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.live import LiveFile, LiveFlow, LiveKeyValue, LiveTrigger
from flowctl.remote.batch import JSON
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Answer, Transport
from flowctl.remote.times import from_milliseconds

FORMAT_MAJOR = "1"
Row = Sequence[Any]  # columns of the wire format; each reader below checks by using them


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a server has, of either kind of reading. `own` are values by namespace and key that begin `flowctl.`."""

    flows: Mapping[FlowKey, LiveFlow]
    files: Mapping[FileKey, LiveFile]
    kv: Mapping[KvKey, LiveKeyValue]
    triggers: tuple[LiveTrigger, ...]
    deleted: Mapping[FlowKey, int]
    own: Mapping[str, Mapping[str, object]]
    calls: tuple[tuple[FlowKey, str, FlowKey], ...] | None = None
    executions: Mapping[FlowKey, Mapping[str, int]] | None = None
    secrets: frozenset[tuple[str, str]] | None = None
    unasked: tuple[str, ...] = ()


def patterns(environment: Environment) -> tuple[str, ...]:
    """The namespace patterns that an environment reads: what it owns, and its root namespace for the ledger."""
    return tuple(dict.fromkeys((*environment.owns, environment.namespace)))


def ask_state(transport: Transport, environment: Environment) -> Answer:
    """The answer of the `state` route."""
    return transport.get(transport.tenant("/flowctl/state"), params={"namespaces": ",".join(patterns(environment))})


def read_answer(answer: Answer) -> Snapshot:
    """The state in an answer.

    Raises:
        ServerError: S212, a format of a higher major version; S210, another shape.
    """
    body = answer.mapping()
    major = str(body.get("format", "")).partition(".")[0]
    if major != FORMAT_MAJOR:
        raise ServerError.of(
            "S212",
            f"the server {answer.asked.server} speaks state format {body.get('format')!r}, this flowctl reads 1.x",
            hint="use the same flowctl version for the server and the command line",
        )
    try:
        return _snapshot(body)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise failures.odd_shape(answer.asked, f"{type(error).__name__}: {error}") from None


def _snapshot(body: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        flows=_flows(body["flows"]),
        files={
            (key := FileKey(namespace, path)): LiveFile(key, digest, size)
            for namespace, path, digest, size, *_ in body["files"]
        },
        kv=_values(body["kv"]),
        triggers=tuple(_trigger(row) for row in body["triggers"]),
        deleted={FlowKey(namespace, id_): revision for namespace, id_, revision, *_ in body["deleted"]},
        own=body["own"],
        calls=_calls(body.get("calls")),
        executions=_executions(body.get("executions")),
        secrets=_secrets(body.get("secrets")),
    )


def _calls(rows: Iterable[Row] | None) -> tuple[tuple[FlowKey, str, FlowKey], ...] | None:
    """Members that older servers of format 1 do not send stay unknown."""
    if rows is None:
        return None
    return tuple(
        (FlowKey(namespace, id_), relation, FlowKey(other_namespace, other))
        for namespace, id_, relation, other_namespace, other, *_ in rows
    )


def _executions(rows: Iterable[Row] | None) -> Mapping[FlowKey, Mapping[str, int]] | None:
    if rows is None:
        return None
    found: dict[FlowKey, dict[str, int]] = {}
    for namespace, id_, state, number, *_ in rows:
        found.setdefault(FlowKey(namespace, id_), {})[state] = number
    return found


def _secrets(rows: Iterable[Row] | None) -> frozenset[tuple[str, str]] | None:
    return None if rows is None else frozenset((namespace, name) for namespace, name, *_ in rows)


def _flows(rows: Iterable[Row]) -> dict[FlowKey, LiveFlow]:
    found: dict[FlowKey, LiveFlow] = {}
    moments: dict[int, datetime | None] = {}
    for namespace, id_, revision, digest, disabled, updated, *_ in rows:
        if updated not in moments:
            moments[updated] = from_milliseconds(updated)
        key = FlowKey(namespace, id_)
        found[key] = LiveFlow(key, revision, digest, bool(disabled), None, moments[updated])
    return found


def _values(rows: Iterable[Row]) -> dict[KvKey, LiveKeyValue]:
    found = {}
    for namespace, name, kind, digest, revision, expires, *_ in rows:
        key = KvKey(namespace, name)
        found[key] = LiveKeyValue(key, kind, digest, revision, from_milliseconds(expires))
    return found


def _trigger(row: Row) -> LiveTrigger:
    namespace, flow, trigger, disabled, following, last, backfill, running, *more = row
    return LiveTrigger(
        FlowKey(namespace, flow),
        trigger,
        bool(disabled),
        from_milliseconds(following),
        from_milliseconds(last),
        bool(backfill),
        bool(running),
        more[:1] == ["POLLING"],
    )


def ask_sources(transport: Transport, keys: Sequence[FlowKey]) -> dict[FlowKey, str]:
    """The texts of flows, in one request; flows that are gone are left out.

    Raises:
        ServerUnreachable: S210, the answer has no texts.
    """
    body = orjson.dumps({"flows": [[key.namespace, key.id] for key in keys]})
    answer = transport.send("POST", transport.tenant("/flowctl/sources"), content=body, headers=JSON, repeatable=True)
    rows = answer.mapping().get("flows")
    if not isinstance(rows, list):
        raise failures.odd_shape(answer.asked, "expected a list of flows")
    return {FlowKey(namespace, id_): source for namespace, id_, _, source, *_ in rows}
