"""`environments/NAME.yaml` → `Environment`: schema first, then what a schema cannot say, then the defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from flowctl.errors import ProjectError
from flowctl.loading.configuration.checked import CheckedFile, read_checked
from flowctl.loading.configuration.environment_rules import check_rules
from flowctl.loading.problems import Problems
from flowctl.loading.suggesting import suggestion
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Auth, Dialect, Environment, HazardLevel, Policy, PromotionPolicy, Tls

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
Value = Mapping[str, object]


def load_environment(workspace: Workspace, name: str) -> Environment:
    """One environment of the workspace, paths absolute, defaults filled in.

    Raises:
        ProjectError: there is no such environment (F103, F104), or all problems of its file (F1xx, F2xx).
    """
    if not NAME.fullmatch(name):
        hint = "lower-case letters, digits and hyphens; the file is environments/NAME.yaml"
        raise ProjectError.of("F104", f"{name!r} is no name of an environment", hint=hint)
    path = workspace.environment_path(name)
    if not path.exists():
        raise unknown_environment(workspace, name)
    file = read_checked(path, workspace.relative(path), "environment", workspace.root)
    problems = Problems()
    check_rules(workspace, name, path, file, problems)
    problems.stop_on_error()
    return _environment(workspace, name, path, file)


def unknown_environment(workspace: Workspace, name: str, path: str | None = None) -> ProjectError:
    """F103, naming the environments that there are; `path` is the file that names the one there is not."""
    names = workspace.environment_names()
    known = f"there are: {', '.join(names)}" if names else "there are none yet: `flowctl init` makes one"
    hint = f"{suggestion(name, names)} {known}".strip()
    return ProjectError.of("F103", f"there is no environment `{name}`", hint=hint, path=path)


def _environment(workspace: Workspace, name: str, path: Path, file: CheckedFile) -> Environment:
    value = file.value
    namespace = str(value.get("namespace", name))
    return Environment(
        name=name,
        path=path,
        server=str(value["server"]).rstrip("/"),
        layers=tuple(workspace.root / layer for layer in layers_of(name, value)),
        namespace=namespace,
        owns=_texts(value.get("owns")) or (namespace,),
        tenant=str(value.get("tenant", "main")),
        auth=Auth(**cast("dict[str, str]", value.get("auth") or {})),
        tls=_tls(workspace, value),
        policy=_policy(value),
        promotes_from=cast("str | None", value.get("promotes_from")),
        overrides=dict(_map(value, "overrides")),
        pins={key: str(digest) for key, digest in _map(value, "pins").items()},
        timeout=float(cast("float", value.get("timeout", 30.0))),
        parallelism=int(cast("int", value.get("parallelism", 8))),
        dialect=_dialect(workspace, value),
    )


def _dialect(workspace: Workspace, value: Value) -> Dialect | None:
    """The rules that the files are checked by: the environment's own, or those of the workspace's bundled server."""
    stated = value.get("dialect")
    if stated is not None:
        return cast("Dialect", str(stated))
    return workspace.dialect if value["server"] == "bundled" else None


def layers_of(name: str, value: Value) -> tuple[str, ...]:
    """The directories of the flows as the file states them, in order."""
    stated = value.get("flows", f"flows/{name}")
    return (stated,) if isinstance(stated, str) else _texts(stated)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _map(value: Value, key: str) -> Value:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _tls(workspace: Workspace, value: Value) -> Tls:
    stated = _map(value, "tls")
    return Tls(**{key: workspace.root / str(path) for key, path in stated.items()})


def _policy(value: Value) -> Policy:
    stated = _map(value, "policy")
    levels = {hazard: "off" if level is False else level for hazard, level in _map(stated, "hazards").items()}
    most = stated.get("max_deletes", "30%")
    return Policy(
        max_deletes=most if isinstance(most, int) else str(most).replace(" ", ""),
        protect=_texts(stated.get("protect")),
        ignore=_texts(stated.get("ignore")),
        hazards=cast("Mapping[str, HazardLevel]", levels),
        promotion=_promotion(_map(stated, "promotion")),
    )


def _promotion(stated: Value) -> PromotionPolicy:
    return PromotionPolicy(
        runs=cast("int", stated.get("runs", 1)),
        days=cast("float", stated.get("days", 0)),
        max_failures=cast("float", stated.get("max_failures", 0.0)),
        require=_texts(stated.get("require")),
    )
