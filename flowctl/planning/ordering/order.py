"""In which order a plan is carried out.

What is called is written before what calls it, files and key-values before the flows of their namespace. Deletes come
after all writes, callers before what they called, files and key-values last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowctl.model.keys import FlowKey, ObjectKey, sort_key
from flowctl.model.plan import Action, Change
from flowctl.planning.ordering.graph import components, levels

References = Mapping[FlowKey, Sequence[FlowKey]]
Needs = dict[ObjectKey, tuple[ObjectKey, ...]]
_WRITES = (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Changes in order, and the groups of flows that call each other in a circle (written in one level)."""

    changes: tuple[Change, ...]
    cycles: tuple[tuple[ObjectKey, ...], ...]


def in_order(changes: Iterable[Change], calls: References, called_before: References) -> Ordered:
    """Changes with `level` and `depends_on`, sorted.

    `calls` says which flows a flow of the files names, `called_before` which ones it names on the server.
    """
    everything = {change.key: change for change in sorted(changes, key=lambda change: sort_key(change.key))}
    writes = {key: change for key, change in everything.items() if change.action in _WRITES}
    deletes = {key: change for key, change in everything.items() if change.action is Action.DELETE}
    write_needs = _write_needs(writes, calls)
    parts = components(writes, write_needs)
    level = levels(parts, write_needs)
    delete_needs = _delete_needs(deletes, writes, called_before)
    delete_parts = components(deletes, _within(delete_needs, deletes))
    start = max(level.values(), default=-1) + 1
    level |= levels(delete_parts, _within(delete_needs, deletes), start)
    cycles = tuple(tuple(sorted(part, key=sort_key)) for part in (*parts, *delete_parts) if len(part) > 1)
    needs = _outside_cycles(write_needs | delete_needs, cycles)
    done = [
        replace(change, level=level.get(key, 0), depends_on=needs.get(key, ())) for key, change in everything.items()
    ]
    return Ordered(tuple(sorted(done, key=lambda change: (change.level, sort_key(change.key)))), cycles)


def _write_needs(writes: Mapping[ObjectKey, Change], calls: References) -> Needs:
    beside = _by_namespace(key for key in writes if not isinstance(key, FlowKey))
    shared: dict[str, tuple[ObjectKey, ...]] = {}
    needs: Needs = {}
    for key in writes:
        if isinstance(key, FlowKey):
            if key.namespace not in shared:
                shared[key.namespace] = tuple(_in_namespaces(beside, _upwards(key.namespace)))
            called = {other for other in calls.get(key, ()) if other in writes and other != key}
            needs[key] = (*shared[key.namespace], *sorted(called))
    return needs


def _delete_needs(
    deletes: Mapping[ObjectKey, Change], writes: Mapping[ObjectKey, Change], called_before: References
) -> Needs:
    callers: dict[ObjectKey, set[ObjectKey]] = defaultdict(set)
    for caller, called in called_before.items():
        if caller in deletes or caller in writes:
            for other in called:
                callers[other].add(caller)
    flows = [key for key in (*deletes, *writes) if isinstance(key, FlowKey)]
    shared: dict[str, tuple[ObjectKey, ...]] = {}
    needs: Needs = {}
    for key, change in deletes.items():
        if isinstance(key, FlowKey):
            moved = {change.moved_to} if change.moved_to is not None and change.moved_to in writes else set()
            needs[key] = tuple(sorted((callers[key] | moved) - {key}, key=sort_key))
        else:
            if key.namespace not in shared:
                shared[key.namespace] = tuple(flow for flow in flows if key.namespace in _upwards(flow.namespace))
            needs[key] = shared[key.namespace]
    return needs


def _within(needs: Needs, among: Mapping[ObjectKey, Change]) -> Needs:
    return {key: tuple(need for need in needed if need in among) for key, needed in needs.items()}


def _outside_cycles(needs: Needs, cycles: Sequence[Sequence[ObjectKey]]) -> Needs:
    """Inside a cycle nobody can wait for the other."""
    for cycle in cycles:
        for key in cycle:
            needs[key] = tuple(need for need in needs.get(key, ()) if need not in cycle)
    return needs


def _by_namespace(keys: Iterable[ObjectKey]) -> dict[str, list[ObjectKey]]:
    found: dict[str, list[ObjectKey]] = defaultdict(list)
    for key in keys:
        found[key.namespace].append(key)
    return found


def _in_namespaces(found: Mapping[str, list[ObjectKey]], namespaces: Iterable[str]) -> Iterator[ObjectKey]:
    for namespace in namespaces:
        yield from found.get(namespace, ())


def _upwards(namespace: str) -> tuple[str, ...]:
    """A namespace and everything above it; key-values are inherited downwards."""
    parts = namespace.split(".")
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))
