"""What the tasks that purge namespaces have in common (seen on a real 2.0)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from flowctl.engine.plugins.core.administration import moment
from flowctl.engine.plugins.properties import BadProperty, Properties


def wanted_names(properties: Properties, pattern: str) -> Callable[[str, str], bool]:
    """Whether something of a namespace, by its name, is meant; `pattern` is the property with the pattern of names.

    A star stands for any letters, slashes and points among them. Without `namespaces` and `namespacePattern` all are
    meant.

    Raises:
        BadProperty: both are there.
    """
    named, shape = properties.texts("namespaces"), properties.text("namespacePattern")
    if named and shape:
        raise BadProperty("`namespaces` and `namespacePattern` exclude each other; leave one out")
    below = properties.flag("includeChildNamespaces", True)
    names = properties.text(pattern) or "*"

    def meant(namespace: str) -> bool:
        if named:
            return any(namespace == one or (below and namespace.startswith(one + ".")) for one in named)
        return not shape or fnmatchcase(namespace, shape)

    return lambda namespace, name: meant(namespace) and fnmatchcase(name.lstrip("/"), names)


@dataclass(frozen=True, slots=True)
class Versions:
    """Which versions go: all but the newest `keep`, or those written before a time in microseconds since 1970."""

    keep: int | None
    before: int | None


def versions_of(properties: Properties) -> Versions:
    """The `behavior` of type `version`; the newest version stays when it says nothing.

    Raises:
        BadProperty: `keepAmount` and `before` are both there, or one is none.
    """
    behavior = properties.nested("behavior")
    keep, before = behavior.integer("keepAmount"), moment(behavior, "before")
    if keep is not None and before is not None:
        raise BadProperty("behavior: `keepAmount` and `before` exclude each other; leave one out")
    if keep is not None and keep < 0:
        raise BadProperty(f"`keepAmount` must be at least 0, but is {keep}")
    return Versions(1 if keep is None and before is None else keep, before)
