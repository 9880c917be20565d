"""What a JSON Schema cannot say about an environment: combinations, other files, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from flowctl.flowtext.places import PlaceError, check_place
from flowctl.loading.configuration.checked import CheckedFile
from flowctl.loading.problems import Problems
from flowctl.loading.workspace import Workspace

_FLOW = r"[a-z0-9][a-z0-9._-]*/[a-zA-Z0-9][a-zA-Z0-9._-]*"
_PIN = re.compile(_FLOW)
_OVERRIDE = re.compile(rf"{_FLOW}/(?P<place>.+)")
Rule = Callable[[Workspace, str, CheckedFile, Problems], None]


def covers(namespace: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns of `owns` covers a namespace, as `Environment.owns_namespace` sees it."""
    return any(namespace == p or namespace.startswith(p + ".") or fnmatchcase(namespace, p) for p in patterns)


def check_rules(workspace: Workspace, name: str, path: Path, file: CheckedFile, problems: Problems) -> None:
    """Note everything that is wrong with an environment whose schema is satisfied."""
    twin = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
    if twin.exists():
        hint = f"remove {workspace.relative(path)} or {workspace.relative(twin)}"
        problems.add("F127", f"the environment `{name}` has two files", path=file.path, hint=hint)
    for rule in RULES:
        rule(workspace, name, file, problems)


def _auth(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    auth = file.value.get("auth")
    if not isinstance(auth, dict):
        return
    basic = {"username_env", "password_env"} & auth.keys()
    if "token_env" in auth and basic:
        summary, hint = "`auth` names a token and a user", "keep token_env, or username_env and password_env"
    elif len(basic) == 1:
        missing = ({"username_env", "password_env"} - basic).pop()
        summary, hint = f"`auth` names only half of a login: {missing} is missing", f"add `{missing}:`"
    elif not auth:
        summary, hint = "`auth` is empty", "remove it, or add `token_env:`"
    else:
        return
    problems.add("F130", summary, path=file.path, at=file.at_key("auth"), hint=hint, place="auth")


def _server(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    server = str(file.value["server"])
    if "@" in server.removeprefix("https://").removeprefix("http://").split("/", 1)[0]:
        hint = "remove it, and name the variables that hold it under `auth`"
        problems.add("F109", "`server` has a login in its URL", path=file.path, at=file.at("server"), hint=hint)
    if server != "bundled":
        if "dialect" in file.value:
            hint = "remove it: the server says itself which version it is"
            at = file.at_key("dialect")
            problems.add("F131", "`dialect` is for the bundled server only", path=file.path, at=at, hint=hint)
        return
    for key in ("auth", "tls", "tenant"):
        if key in file.value and (key != "tenant" or file.value[key] != "main"):
            hint = "remove it, or name the URL of a server"
            summary = f"`{key}` has no meaning for the bundled server"
            problems.add("F131", summary, path=file.path, at=file.at_key(key), hint=hint, place=key)


def _layers(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    stated = file.value.get("flows", f"flows/{name}")
    layers = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    seen: set[Path] = set()
    for index, layer in enumerate(layers):
        directory = (workspace.root / str(layer)).resolve()
        if not directory.is_relative_to(workspace.root):
            code, summary = "F112", f"`{layer}` is outside the workspace"
            hint = "flows belong into the workspace, where Git sees them"
        elif not directory.is_dir():
            code, summary = "F111", f"there is no directory `{layer}`"
            hint = "make it, or name another directory under `flows:`"
        elif directory in seen:
            code, summary, hint = "F134", f"`{layer}` is there twice", "name each layer once"
        else:
            seen.add(directory)
            continue
        problems.add(code, summary, path=file.path, at=_at_layer(file, index), hint=hint)


def _at_layer(file: CheckedFile, index: int) -> tuple[int, int] | None:
    """Where a layer is named; None for the one that an environment has without saying so."""
    stated = file.value.get("flows")
    return None if stated is None else file.at("flows", index) if isinstance(stated, list) else file.at("flows")


def _owns(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    """What an environment deploys has to be in its charge, or it could never take it back."""
    namespace, owns = str(file.value.get("namespace", name)), file.value.get("owns")
    if not isinstance(owns, list) or covers(namespace, [str(pattern) for pattern in owns]):
        return
    hint = f"add `{namespace}`"
    summary = f"`owns` does not cover the environment's own namespace `{namespace}`"
    problems.add("F138", summary, path=file.path, at=file.at_key("owns"), hint=hint, place="owns")


def _promotes_from(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    source = file.value.get("promotes_from")
    if source is None:
        return
    at = file.at("promotes_from") if source == name or not workspace.environment_path(str(source)).exists() else None
    if source == name:
        summary, hint = "an environment cannot promote from itself", "name another environment"
    elif at is not None:
        summary, hint = f"there is no environment `{source}`", f"there are: {', '.join(workspace.environment_names())}"
    else:
        return
    problems.add("F116", summary, path=file.path, at=at, hint=hint, place="promotes_from")


def _tls_files(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    tls = file.value.get("tls")
    if not isinstance(tls, dict):
        return
    for key, path in tls.items():
        if not (workspace.root / str(path)).is_file():
            hint = "relative paths begin at the workspace"
            at = file.at("tls", key)
            problems.add("F122", f"`tls.{key}`: there is no file {path}", path=file.path, at=at, hint=hint)
    if len({"cert", "key"} & tls.keys()) == 1:
        hint = "name both, or neither"
        problems.add("F123", "`tls` has a cert or a key, not both", path=file.path, at=file.at_key("tls"), hint=hint)


def _places(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    policy = file.value.get("policy")
    ignore = policy.get("ignore") if isinstance(policy, dict) else None
    for index, entry in enumerate(ignore if isinstance(ignore, list) else ()):
        _place(str(entry).rpartition(":")[2], "F119", ("policy", "ignore", index), file, problems)


def _place(place: str, code: str, path: tuple[str | int, ...], file: CheckedFile, problems: Problems) -> None:
    try:
        check_place(place)
    except PlaceError as error:
        hint = "write it as in a plan, such as tasks[load].commands[2]"
        at = file.at_key(*path)
        problems.add(code, f"`{place}` is no place in a flow: {error}", path=file.path, at=at, hint=hint)


def _overrides(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    overrides = file.value.get("overrides")
    for key in overrides if isinstance(overrides, dict) else ():
        match = _OVERRIDE.fullmatch(key)
        if match:
            _place(match["place"], "F125", ("overrides", key), file, problems)
        else:
            hint = "write NS/ID/PLACE, such as production/daily/triggers[night].cron"
            at = file.at_key("overrides", key)
            problems.add("F125", f"`{key}` names no place in a flow", path=file.path, at=at, hint=hint)


def _pins(workspace: Workspace, name: str, file: CheckedFile, problems: Problems) -> None:
    pins = file.value.get("pins")
    for key in pins if isinstance(pins, dict) else ():
        if not _PIN.fullmatch(key):
            at = file.at_key("pins", key)
            problems.add("F137", f"`{key}` is no flow", path=file.path, at=at, hint="write NS/ID: digest")


RULES: tuple[Rule, ...] = (_auth, _server, _layers, _owns, _promotes_from, _tls_files, _places, _overrides, _pins)
