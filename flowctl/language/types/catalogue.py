"""The catalogue: every type this flowctl knows, found by name, and open for plugins."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flowctl.language.types.aliases import canonical_guess
from flowctl.language.types.spec import Kind, Resolved, TypeSpec
from flowctl.model.environment import Dialect

_PLUGIN_KINDS: tuple[Kind, ...] = ("task", "trigger", "condition", "runner")


class Catalogue:
    """Types by name and by old name."""

    def __init__(self, specs: Iterable[TypeSpec] = ()) -> None:
        self._by_name: dict[str, TypeSpec] = {}
        self._aliases: dict[str, str] = {}
        self._found: dict[tuple[str, Dialect], Resolved | None] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: TypeSpec) -> None:
        """Add a type, or replace the one of the same name."""
        self._by_name[spec.name] = spec
        for alias in spec.aliases:
            self._aliases[alias] = spec.name
        self._found.clear()

    def find(self, name: str, dialect: Dialect) -> Resolved | None:
        """The type of a name, old names included; None when a server of this dialect does not know it."""
        key = (name, dialect)
        if key not in self._found:
            if len(self._found) > 10_000:
                self._found.clear()
            self._found[key] = self._find(name, dialect)
        return self._found[key]

    def _find(self, name: str, dialect: Dialect) -> Resolved | None:
        spec = self._by_name.get(name)
        if spec is not None:
            return Resolved(spec, name) if spec.known_to(dialect) else None
        target = self._aliases.get(name) or canonical_guess(name, self._by_name, dialect)
        spec = self._by_name.get(target) if target else None
        if spec is None or not spec.known_to(dialect) or not _alias_known(name, dialect):
            return None
        return Resolved(spec, spec.name, name)

    def all(self, *kinds: Kind) -> Iterator[TypeSpec]:
        """Every type of some kinds (of all kinds without any), sorted by name."""
        for name in sorted(self._by_name):
            if not kinds or self._by_name[name].kind in kinds:
                yield self._by_name[name]


def _alias_known(name: str, dialect: Dialect) -> bool:
    """2.0 forgot the packages before 0.17 and most old names; it kept WaitFor, kv.Put and the storage names."""
    if dialect != "2.0":
        return True
    return name.startswith("io.kestra.plugin.") and not name.startswith("io.kestra.plugin.fs.")


_lock = threading.Lock()
_catalogue: Catalogue | None = None


def catalogue() -> Catalogue:
    """The one catalogue of this process, made at the first use."""
    global _catalogue
    if _catalogue is None:
        with _lock:
            if _catalogue is None:
                _catalogue = built_in()
    return _catalogue


def built_in() -> Catalogue:
    """A new catalogue of the types that come with flowctl, without those of plugins."""
    return Catalogue(_tables())


def _tables() -> Iterator[TypeSpec]:
    from flowctl.language.types import execution, flowables, integrations, scripts, stores, triggers, web

    for module in (flowables, execution, web, stores, scripts, triggers, integrations):
        yield from module.TYPES
    yield from triggers.CONDITIONS
    yield from scripts.RUNNERS
    yield from integrations.RUNNERS


def find_type(name: str, dialect: Dialect = "lenient") -> Resolved | None:
    """The task, trigger, condition or task runner type of a name; None when this dialect does not know it."""
    return catalogue().find(name, dialect)


_ACTS = frozenset(
    f"io.kestra.plugin.core.execution.{name}" for name in ("Exit", "Labels", "SetVariables", "UnsetVariables")
)


def is_work(spec: TypeSpec) -> bool:
    """Whether tasks of a type are work that a worker does: neither groups, nor calls of other flows, nor those that
    act on their own execution (seen on a real 1.3 and 2.0)."""
    return not spec.flowable and spec.name != "io.kestra.plugin.core.flow.Subflow" and spec.name not in _ACTS


def register(spec: TypeSpec) -> None:
    """Make a plugin's type known, or replace a built-in description by one that runs."""
    catalogue().add(spec)


def all_types(*kinds: Kind) -> tuple[TypeSpec, ...]:
    """Every known type of some kinds (task, trigger, condition and runner without any), sorted by name."""
    return tuple(catalogue().all(*(kinds or _PLUGIN_KINDS)))


def set_runnable(names: Iterable[str], *kinds: Kind) -> None:
    """Say which types of some kinds this server runs: exactly these, every other one of the kinds is not."""
    here = frozenset(names)
    for spec in all_types(*kinds):
        if spec.runnable != (spec.name in here):
            register(replace(spec, runnable=spec.name in here))
