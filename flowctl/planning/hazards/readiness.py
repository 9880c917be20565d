"""H21 to H24: what a flow needs of its server. What a server does not tell is said, never passed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flowctl.language.asleep import asleep_at
from flowctl.language.expressions.references import MISSING
from flowctl.language.flags import is_off
from flowctl.language.walk import all_tasks
from flowctl.model.keys import FileKey, KvKey
from flowctl.model.plan import Action
from flowctl.planning.hazards.expressions import Use, texts
from flowctl.planning.hazards.sighting import Path, Sighting, not_checkable
from flowctl.planning.hazards.world import Subject, World

_SCRIPTS = "namespaceFiles"
_ADDRESS = re.compile(r"nsfile://([^/{}]*)/([^{}*?]+)")


def secrets(world: World, subject: Subject) -> Iterator[Sighting]:
    """H21: a secret that the target lacks."""
    for use, namespace, name in _asked(world, subject, "secret"):
        if world.live.secrets is None:
            why = "this server does not list its secrets"
            yield not_checkable("H21", subject.key, f"whether there is a secret {name}", why, use.at)
        elif not _has_secret(world.live.secrets, namespace, name):
            hint = _secret_command(world, namespace, name)
            yield Sighting("H21", subject.key, f"there is no secret {name} in {namespace}", hint=hint, at=use.at)


def _secret_command(world: World, namespace: str, name: str) -> str:
    if world.environment.bundled:
        return f"flowctl secrets set {name} -n {namespace} -e {world.environment.name}"
    return f"set SECRET_{name.upper()} (base64) in the environment of the server, or store the secret in its backend"


def _has_secret(known: frozenset[tuple[str, str]], namespace: str, name: str) -> bool:
    """A secret without a namespace is of the server's environment, where names are in capitals."""
    return ("", name.upper()) in known or any((space, name) in known for space in _upwards(namespace))


def values(world: World, subject: Subject) -> Iterator[Sighting]:
    """H22. A call that is content with nothing (`errorOnMissing=false`) needs none."""
    for use, namespace, name in values_of(world, subject):
        if _has_value(world, namespace, name):
            continue
        if not world.within(namespace):
            what, why = f"whether there is a key-value {name} in {namespace}", _not_ours(world, namespace)
            yield not_checkable("H22", subject.key, what, why, use.at)
            continue
        text = f"there is no key-value {name} in {namespace} or above"
        hint = "add it to _kv.yaml, unless a flow writes it before it is read"
        yield Sighting("H22", subject.key, text, hint=hint, at=use.at)


def values_of(world: World, subject: Subject) -> Iterator[tuple[Use, str, str]]:
    """Use, namespace and name of every key-value that has to be there."""
    for use, namespace, name in _asked(world, subject, "kv"):
        if use.reference.argument(2, "errorOnMissing") is not False:
            yield use, namespace, name


def _has_value(world: World, namespace: str, name: str) -> bool:
    keys = [KvKey(space, name) for space in _upwards(namespace)]
    return any(
        key in world.project.kv or (key in world.live.kv and world.actions.get(key) is not Action.DELETE)
        for key in keys
    )


def _not_ours(world: World, namespace: str) -> str:
    return f"{namespace} is not among the namespaces of {world.environment.name}"


def variables(world: World, subject: Subject) -> Iterator[Sighting]:
    """H23: variables of a namespace, and of the server, cannot be read by a client."""
    seen: set[str] = set()
    for use in _awake(world, subject):
        root = use.reference.root
        if use.reference.kind == "variable" and root in ("namespace", "globals") and len(use.reference.path) > 1:
            name = ".".join(use.reference.path)
            if name not in seen:
                seen.add(name)
                yield not_checkable("H23", subject.key, f"whether there is {name}", "no client can list it", use.at)


def files(world: World, subject: Subject) -> Iterator[Sighting]:
    """H24: files that expressions read, that a task takes from its namespace by name, and that a text addresses
    (`nsfile:///path`, with a namespace `nsfile://namespace/path`)."""
    seen: set[FileKey] = set()
    for at, namespace, name in files_of(world, subject):
        key = FileKey(namespace, "/" + name.lstrip("/"))
        if key not in seen:
            seen.add(key)
            yield from _missing_file(world, subject, key, at)


def files_of(world: World, subject: Subject) -> Iterator[tuple[Path, str, str]]:
    """Place, namespace and path of every file whose name is known."""
    own = subject.key.namespace
    for use, namespace, name in _asked(world, subject, "read"):
        if not name.startswith(("kestra://", "file://", "nsfile://")):
            yield use.at, namespace, name
    for at, task in all_tasks(subject.after) if subject.after is not None else ():
        for index, name in enumerate(_included(task)):
            if not asleep_at(subject.after, at) and not any(sign in name for sign in "*?[{"):
                yield (*at, _SCRIPTS, "include", index), own, name
    for at, text in texts(subject.after):
        found = _ADDRESS.fullmatch(text.strip())
        if found is not None and not asleep_at(subject.after, at):
            yield at, found[1] or own, found[2]


def _included(task: Mapping[str, object]) -> list[str]:
    given = task.get(_SCRIPTS)
    if not isinstance(given, dict) or is_off(given.get("enabled")) or given.get("namespaces"):
        return []
    names = given.get("include")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _missing_file(world: World, subject: Subject, key: FileKey, at: Path) -> Iterator[Sighting]:
    if key in world.project.files or (key in world.live.files and world.actions.get(key) is not Action.DELETE):
        return
    if not world.within(key.namespace):
        what, why = f"whether there is a file {key.path} in {key.namespace}", _not_ours(world, key.namespace)
        yield not_checkable("H24", subject.key, what, why, at)
        return
    hint = f"add it as _files{key.path}"
    yield Sighting("H24", subject.key, f"there is no file {key.path} in {key.namespace}", hint=hint, at=at)


def _asked(world: World, subject: Subject, function: str) -> Iterator[tuple[Use, str, str]]:
    """Calls of a function of which namespace and name are known, each pair once."""
    seen: set[tuple[str, str]] = set()
    for use in _awake(world, subject):
        path = use.reference.path
        if use.reference.kind == "function" and path[0] == function and len(path) > 1:
            namespace = use.reference.argument(1, "namespace")
            if namespace is MISSING or namespace == ("flow", "namespace"):
                namespace = subject.key.namespace
            if isinstance(namespace, str) and (namespace, path[1]) not in seen:
                seen.add((namespace, path[1]))
                yield use, namespace, path[1]


def _awake(world: World, subject: Subject) -> Iterator[Use]:
    """The names in expressions that may be rendered: nothing is, of what is disabled."""
    return (use for use in world.uses(subject) if not asleep_at(subject.after, use.at))


def _upwards(namespace: str) -> tuple[str, ...]:
    parts = namespace.split(".")
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))
