"""H41 and H42: flows that deploy flows. Two owners of one namespace undo each other's work for ever."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.asleep import asleep_at
from flowctl.language.walk import all_tasks
from flowctl.model.keys import FlowKey
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, Value, World

_PACKAGE = "io.kestra.plugin.git."
_SYNCS = frozenset(("SyncFlows", "SyncFlow", "TenantSync", "NamespaceSync", "SyncNamespaceFiles", "Sync"))


def deletes_the_sync(world: World, subject: Subject) -> Iterator[Sighting]:
    """H41: the flow that goes deploys this environment."""
    if subject.goes and subject.before is not None:
        found = [name for _, name, _ in _syncs(subject.before)]
        if found:
            hint = "keep the flow until something else deploys, then set policy.hazards H41 to warn"
            yield Sighting("H41", subject.key, f"the flow that goes deploys others itself ({found[0]})", hint=hint)


def second_owner(world: World, subject: Subject) -> Iterator[Sighting]:
    """H42, for a sync that this plan brings. Those on the server are looked for once a plan."""
    for at, name, namespace in _syncs(subject.after):
        if namespace is None or world.environment.owns_namespace(namespace):
            where = namespace or "the whole tenant"
            text = f"{name} writes flows of {where}, which this environment owns: each undoes the other's work"
            yield Sighting("H42", subject.key, text, hint="let one of them own the namespace", at=at)


def owners_on_the_server(world: World) -> Iterator[tuple[FlowKey, str]]:
    """Flows that stay on the server, are not in the plan and sync an owned namespace, with the task's name."""
    for key, text in world.sources.items():
        if _PACKAGE in text and key not in world.changes and world.exists_afterwards(key):
            for _, name, namespace in _syncs(world.afterwards(key)):
                if namespace is None or world.environment.owns_namespace(namespace):
                    yield key, name


def _syncs(flow: Value | None) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
    for at, task in all_tasks(flow) if flow is not None else ():
        kind = str(task.get("type", ""))
        if kind.startswith(_PACKAGE) and kind.removeprefix(_PACKAGE) in _SYNCS and not asleep_at(flow, at):
            target = task.get("targetNamespace", task.get("namespace"))
            yield at, kind.removeprefix(_PACKAGE), target if isinstance(target, str) else None
