"""H22 and H24 for flows that a plan leaves alone: what they read goes with the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowctl.flowtext.digests import text_digest
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.plan import Action, Change, Content
from flowctl.planning.hazards import readiness
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, World


def readers(world: World) -> Iterator[tuple[Subject, Sighting]]:
    """Flows of the files that stay as they are and read a file or a key-value that the plan deletes."""
    going = [key for key, action in world.actions.items() if action is Action.DELETE and not isinstance(key, FlowKey)]
    files = {key for key in going if isinstance(key, FileKey)}
    values = {key for key in going if isinstance(key, KvKey)}
    names = {key.path.lstrip("/") for key in files} | {key.key for key in values}
    for subject in _staying(world) if names else ():
        text = subject.change.after.source if subject.change.after is not None else None
        if text is not None and any(name in text for name in names):
            yield from ((subject, found) for found in _missing(world, subject, files, values))


def _staying(world: World) -> Iterator[Subject]:
    for key, flow in sorted(world.project.flows.items()):
        if key in world.live.flows and key not in world.changes:
            content = Content(text_digest(flow.source), source=flow.source)
            change = Change(Action.UPDATE, key, content, content, "", 0, path=flow.path)
            yield Subject(key, change, None, world.afterwards(key))


def _missing(world: World, subject: Subject, files: set[FileKey], values: set[KvKey]) -> Iterator[Sighting]:
    called = {key.key for key in values}
    if any(name in called for _, _, name in readiness.values_of(world, subject)):
        yield from (_told(found) for found in readiness.values(world, subject) if _names(found, called))
    paths = {key.path for key in files}
    if any("/" + name.lstrip("/") in paths for _, _, name in readiness.files_of(world, subject)):
        yield from (_told(found) for found in readiness.files(world, subject) if _names(found, paths))


def _told(found: Sighting) -> Sighting:
    return replace(found, hint="keep it, or change the flow that reads it in the same plan")


def _names(found: Sighting, names: set[str]) -> bool:
    return any(f" {name} " in found.summary for name in names)
