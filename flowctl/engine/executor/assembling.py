"""Putting an executor together from an open store."""

from __future__ import annotations

import base64
import binascii
import os
import time
from collections.abc import Mapping
from pathlib import Path

from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.records.definition import FLOW, SHAPES
from flowctl.engine.executor.records.flowsource import Flows
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.adapters import StoreFiles, StoreKeyValues
from flowctl.engine.plugins.registry import Registry, load
from flowctl.engine.store import Store
from flowctl.language.types import set_runnable
from flowctl.model.environment import Dialect


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def assemble(
    store: Store,
    data: Path,
    dialect: Dialect = "lenient",
    registry: Registry | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Executor:
    """An executor over a store, not started yet. Files go below `data`."""
    known = registry or load()
    set_runnable([*known.tasks, *(FLOW + name for name in SHAPES)], "task")
    services = Services(
        store=store,
        registry=known,
        flows=Flows(store, known, dialect),
        storage=Storage(data / "storage"),
        kv=StoreKeyValues(store),
        files=StoreFiles(store),
        clock=wall_clock,
        work=data / "work",
        secrets=lambda _, key: environment_secret(environ, key),
        dialect=dialect,
        envs={name[4:].lower(): value for name, value in environ.items() if name.startswith("ENV_")},
    )
    from_environment = services.secrets
    services.secrets = lambda namespace, key: services.vault.get(namespace, key) or from_environment(namespace, key)
    services.vault.begin()
    _learn(services, environ)
    return Executor(services)


def _learn(services: Services, environ: Mapping[str, str]) -> None:
    """Every secret there is, so that none is shown even when an earlier process handed it out."""
    for name in environ:
        value = environment_secret(environ, name.removeprefix("SECRET_")) if name.startswith("SECRET_") else None
        if value:
            services.masker.add(value)
    services.vault.learn_all()


def environment_secret(environ: Mapping[str, str], key: str) -> str | None:
    """The value of `SECRET_<KEY>`, which is base64; None when there is none."""
    text = environ.get("SECRET_" + key.upper())
    if text is None:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
