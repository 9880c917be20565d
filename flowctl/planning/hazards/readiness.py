"""H18 and H21 to H24: what a flow needs of its server. What a server does not tell is said, never passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.flags import is_off
from flowctl.language.walk import all_tasks
from flowctl.model.keys import FileKey, KvKey
from flowctl.model.plan import Action
from flowctl.planning.hazards.expressions import Use
from flowctl.planning.hazards.sighting import Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, World, dicts

_SCRIPTS = "namespaceFiles"


def types(world: World, subject: Subject) -> Iterator[Sighting]:
    """H18, where the server lists its types; else its verdict on the changed flow says it."""
    if world.live.plugins is None or subject.after is None:
        return
    triggers = [(("triggers", index), trigger) for index, trigger in dicts(subject.after.get("triggers"))]
    for at, item in (*all_tasks(subject.after), *triggers):
        name = item.get("type")
        if isinstance(name, str) and name not in world.live.plugins:
            hint = "install the plugin on the server, or use another type"
            yield Sighting("H18", subject.key, f"the server does not have the type {name}", hint=hint, at=(*at, "type"))


def secrets(world: World, subject: Subject) -> Iterator[Sighting]:
    """H21."""
    seen: set[str] = set()
    for use in _calls(world, subject, "secret"):
        name = use.reference.path[1]
        if name in seen:
            continue
        seen.add(name)
        if world.live.secrets is None:
            why = "this server does not list its secrets"
            yield not_checkable("H21", subject.key, f"whether there is a secret {name}", why, use.at)
        elif not _has_secret(world.live.secrets, subject.key.namespace, name):
            hint = _secret_command(world, subject.key.namespace, name)
            yield Sighting(
                "H21", subject.key, f"there is no secret {name} in {subject.key.namespace}", hint=hint, at=use.at
            )


def _secret_command(world: World, namespace: str, name: str) -> str:
    if world.environment.bundled:
        return f"flowctl secrets set {name} -n {namespace} -e {world.environment.name}"
    return f"set SECRET_{name.upper()} (base64) in the environment of the server, or store the secret in its backend"


def _has_secret(known: frozenset[tuple[str, str]], namespace: str, name: str) -> bool:
    """A secret without a namespace is of the server's environment, where names are in capitals."""
    return ("", name.upper()) in known or any((space, name) in known for space in _upwards(namespace))


def values(world: World, subject: Subject) -> Iterator[Sighting]:
    """H22. A call that is content with nothing (`errorOnMissing=false`) is looked at all the same."""
    seen: set[str] = set()
    for use in _calls(world, subject, "kv"):
        name = use.reference.path[1]
        if name not in seen and not _has_value(world, subject.key.namespace, name):
            text = f"there is no key-value {name} in {subject.key.namespace} or above"
            hint = "add it to _kv.yaml, unless a flow writes it before it is read"
            yield Sighting("H22", subject.key, text, hint=hint, at=use.at)
        seen.add(name)


def _has_value(world: World, namespace: str, name: str) -> bool:
    keys = [KvKey(space, name) for space in _upwards(namespace)]
    return any(key in world.project.kv or key in world.live.kv for key in keys) or not world.within(namespace)


def variables(world: World, subject: Subject) -> Iterator[Sighting]:
    """H23: variables of a namespace, and of the server, cannot be read by a client."""
    seen: set[str] = set()
    for use in world.uses(subject):
        root = use.reference.root
        if use.reference.kind == "variable" and root in ("namespace", "globals") and len(use.reference.path) > 1:
            name = ".".join(use.reference.path)
            if name not in seen:
                seen.add(name)
                yield not_checkable("H23", subject.key, f"whether there is {name}", "no client can list it", use.at)


def files(world: World, subject: Subject) -> Iterator[Sighting]:
    """H24: files that expressions read, and those that a task takes from its namespace by name."""
    seen: set[str] = set()
    for use in _calls(world, subject, "read"):
        name = use.reference.path[1]
        if name not in seen and not name.startswith(("kestra://", "file://", "nsfile://")):
            yield from _missing_file(world, subject, name, use.at)
        seen.add(name)
    for at, task in all_tasks(subject.after) if subject.after is not None else ():
        for index, name in enumerate(_included(task)):
            if name not in seen and not any(sign in name for sign in "*?[{"):
                yield from _missing_file(world, subject, name, (*at, _SCRIPTS, "include", index))
            seen.add(name)


def _included(task: Mapping[str, object]) -> list[str]:
    given = task.get(_SCRIPTS)
    if not isinstance(given, dict) or is_off(given.get("enabled")) or given.get("namespaces"):
        return []
    names = given.get("include")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _missing_file(world: World, subject: Subject, name: str, at: tuple[str | int, ...]) -> Iterator[Sighting]:
    namespace = subject.key.namespace
    key = FileKey(namespace, "/" + name.lstrip("/"))
    stays = key in world.live.files and world.actions.get(key) is not Action.DELETE
    if world.within(namespace) and not stays and key not in world.project.files:
        hint = f"add it as _files/{name.lstrip('/')}"
        yield Sighting("H24", subject.key, f"there is no file {key.path} in {namespace}", hint=hint, at=at)


def _calls(world: World, subject: Subject, name: str) -> Iterator[Use]:
    """Calls of a function with a constant text, in the new flow, that the old one has not."""
    for use in world.uses(subject):
        path = use.reference.path
        if use.reference.kind == "function" and path[0] == name and len(path) > 1:
            yield use


def _upwards(namespace: str) -> tuple[str, ...]:
    parts = namespace.split(".")
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))
