"""H32, H37, H39 and H40: what a flow's own text says that a server reads in another way."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.asleep import asleep_at
from flowctl.language.walk import all_tasks
from flowctl.planning.hazards.sighting import Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, World


def revision(world: World, subject: Subject) -> Iterator[Sighting]:
    """H32: a revision inside the text."""
    if subject.after is not None and "revision" in subject.after:
        yield Sighting(
            "H32", subject.key, "the text has a revision of its own, which servers take out or compare",
            hint="delete the line: servers number revisions themselves", at=("revision",),
        )  # fmt: skip


def system_labels(world: World, subject: Subject) -> Iterator[Sighting]:
    """H37: a system label in the text."""
    labels = subject.after.get("labels") if subject.after is not None else None
    pairs: list[tuple[str, tuple[str | int, ...]]] = []
    if isinstance(labels, dict):
        pairs = [(str(name), ("labels", str(name))) for name in labels]
    elif isinstance(labels, list):
        pairs = [(str(one.get("key")), ("labels", index)) for index, one in enumerate(labels) if isinstance(one, dict)]
    for name, at in pairs:
        if name.startswith("system."):
            yield Sighting("H37", subject.key, f"label {name} is the server's: it refuses it or acts on it", at=at)


def worker_groups(world: World, subject: Subject) -> Iterator[Sighting]:
    """H39: without the group no worker ever takes the task."""
    for at, task in all_tasks(subject.after) if subject.after is not None else ():
        group = task.get("workerGroup")
        name = group.get("key") if isinstance(group, dict) else None
        if isinstance(name, str) and not asleep_at(subject.after, at):
            what = f"whether the server has the worker group {name}"
            yield not_checkable("H39", subject.key, what, "no client can list them", (*at, "workerGroup"))


def policies(world: World, subject: Subject) -> Iterator[Sighting]:
    """H40: only the enterprise edition has such policies, and only its own preview shows them."""
    if subject.after is not None and world.live.server.edition.upper() in ("EE", "ENTERPRISE"):
        why = "the server's edition is enterprise; see the stored text after the apply"
        yield not_checkable("H40", subject.key, "whether policies of the namespace rewrite or refuse it", why)


def drafts(world: World, subject: Subject) -> Iterator[Sighting]:
    """H30: an apply to flowctl's own server is saved after its drafts; those of Kestra 2.0 are not in its listings."""
    server = world.live.server
    if subject.before is not None and server.modern and not server.capabilities.state and not world.environment.bundled:
        why = "Kestra 2.0 keeps drafts out of its listings"
        yield not_checkable("H30", subject.key, "whether there is a draft of it", why)
