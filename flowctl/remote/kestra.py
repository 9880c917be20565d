"""The live state of a server that has Kestra's API only, in a number of requests that does not grow with the flows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from flowctl.flowtext.digests import kv_digest
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.live import LiveFlow, LiveKeyValue, LiveTrigger
from flowctl.remote.bookkeeping.journal import OWN
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import paths, values
from flowctl.remote.objects.exporting import list_flows, with_texts
from flowctl.remote.objects.files import list_files
from flowctl.remote.objects.listing import rows
from flowctl.remote.objects.triggers import trigger_of
from flowctl.remote.state import Snapshot, patterns
from flowctl.remote.surroundings import read_calls, read_executions, read_secrets
from flowctl.remote.times import from_iso

Wanted = Callable[[str], bool]
Rows = Iterable[Mapping[str, object]]


def read_snapshot(
    transport: Transport, environment: Environment, owned: Iterable[str], *, modern: bool, pool: ThreadPoolExecutor
) -> Snapshot:
    """Everything in an environment's namespaces. `owned` are namespaces that its ledger names.

    Files and values are looked for in namespaces that have flows, that the ledger names, and in the root namespace:
    Kestra's open-source edition has no list of the others.
    """
    executions = pool.submit(read_executions, transport, environment)
    secrets = pool.submit(read_secrets, transport)
    triggers = pool.submit(_read_triggers, transport, environment)
    listed = {pattern: list_flows(transport, pattern, environment.owns_namespace) for pattern in patterns(environment)}
    spaces = sorted({environment.namespace, *(key.namespace for one in listed.values() for key in one), *owned})
    calls = pool.submit(read_calls, transport, sorted({key.namespace for one in listed.values() for key in one}))
    files = pool.map(lambda namespace: list_files(transport, namespace), spaces)
    kv = _read_values(transport, environment, spaces, modern, pool)
    flows: dict[FlowKey, LiveFlow] = {}
    for pattern, found in listed.items():  # the export takes longest; the pool works meanwhile
        flows |= with_texts(transport, pattern, found)
    return Snapshot(
        flows,
        {key: file for some in files for key, file in some.items()},
        {value.key: value for value in kv if value is not None},
        triggers.result(),
        deleted={},
        own={},
        calls=calls.result()[0],
        unasked=calls.result()[1],
        executions=executions.result(),
        secrets=secrets.result(),
    )


def _read_triggers(transport: Transport, environment: Environment) -> tuple[LiveTrigger, ...]:
    found: dict[tuple[FlowKey, str], LiveTrigger] = {}
    for pattern in patterns(environment):
        for row in rows(transport, "/triggers/search", pattern, "triggerId:asc"):
            trigger = trigger_of(row)
            if environment.owns_namespace(trigger.flow.namespace):
                found[trigger.flow, trigger.trigger_id] = trigger
    return tuple(found.values())


def _read_values(
    transport: Transport, environment: Environment, spaces: list[str], modern: bool, pool: ThreadPoolExecutor
) -> Iterable[LiveKeyValue | None]:
    """Listed now, and read by the pool; None for what was deleted in between."""
    listed = _list_modern(transport, environment) if modern else _list_old(transport, spaces)
    entries = {
        key: row
        for row in listed
        if not (key := KvKey(str(row.get("namespace")), str(row.get("key")))).key.startswith(OWN)
        and (environment.owns_namespace(key.namespace) or key.namespace in spaces)
    }
    return pool.map(lambda key: _value(transport, key, entries[key]), entries)


def _list_modern(transport: Transport, environment: Environment) -> Rows:
    for pattern in patterns(environment):
        yield from rows(transport, "/kv", pattern, "key:asc")


def _list_old(transport: Transport, spaces: list[str]) -> Rows:
    """The 1.x listing, a namespace at a time; its rows may leave the namespace out."""
    for namespace in spaces:
        answer = transport.get(transport.tenant(paths.values(namespace)), expect=(404,))
        listed = answer.json() if answer.status != 404 else []
        for row in listed if isinstance(listed, list) else []:
            yield {"namespace": namespace} | row


def _value(transport: Transport, key: KvKey, row: Mapping[str, object]) -> LiveKeyValue | None:
    found = values.read_value(transport, key)
    if found is None:
        return None
    revision = row.get("revision", row.get("version"))
    return LiveKeyValue(
        key,
        found[0],
        kv_digest(*found),
        revision if isinstance(revision, int) else None,
        from_iso(row.get("expirationDate")),
    )
