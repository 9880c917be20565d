"""Old packages of core types: a rule per package instead of a name per type."""

from __future__ import annotations

from collections.abc import Container

from flowctl.model.environment import Dialect

PACKAGES: dict[str, str] = {
    "io.kestra.core.tasks.flows": "io.kestra.plugin.core.flow",
    "io.kestra.core.tasks.debugs": "io.kestra.plugin.core.debug",
    "io.kestra.core.tasks.log": "io.kestra.plugin.core.log",
    "io.kestra.core.tasks.executions": "io.kestra.plugin.core.execution",
    "io.kestra.core.tasks.states": "io.kestra.plugin.core.state",
    "io.kestra.core.tasks.storages": "io.kestra.plugin.core.storage",
    "io.kestra.core.tasks.trigger": "io.kestra.plugin.core.trigger",
    "io.kestra.core.tasks.templating": "io.kestra.plugin.core.templating",
    "io.kestra.core.models.triggers.types": "io.kestra.plugin.core.trigger",
    "io.kestra.core.models.conditions.types": "io.kestra.plugin.core.condition",
    "io.kestra.core.runners": "io.kestra.plugin.core.runner",
    "io.kestra.plugin.fs.http": "io.kestra.plugin.core.http",
}
_YOUNGER = frozenset(("ForEach", "WaitFor", "LoopUntil", "Loop", "Approval", "Sleep"))
"""Types made after the packages were renamed: a real server has no old name for them."""


def canonical_guess(name: str, known: Container[str], dialect: Dialect) -> str | None:
    """The present name of a type in an old package, or None. A lenient server also takes names that never were."""
    package, _, short = name.rpartition(".")
    new = PACKAGES.get(package)
    if new is None or (dialect == "1.3" and short in _YOUNGER):
        return None
    if short == "WaitFor":
        short = "LoopUntil"
    for candidate in (f"{new}.{short}", f"{new}.{short.removesuffix('Condition')}"):
        if candidate in known:
            return candidate
    return None
