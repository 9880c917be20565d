"""Which objects a run is about: `--select`, `--exclude` and what changed since a Git reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from flowctl.model.keys import FileKey, FlowKey, ObjectKey


def matches(key: ObjectKey, patterns: Iterable[str]) -> bool:
    """Whether a key's name (`NS/ID`) or address (`flow NS/ID`) matches one of the globs; `*` crosses dots and slashes.

    A pattern that is a namespace alone covers the namespace and everything below it.
    """
    name, address = str(key), key.address
    return any(
        fnmatchcase(name, pattern)
        or fnmatchcase(address, pattern)
        or key.namespace == pattern
        or key.namespace.startswith(pattern + ".")
        for pattern in patterns
    )


def literal(address: str) -> str:
    """A glob that matches this text only."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in address)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run is about; the default is everything.

    `paths` (relative to the workspace) restricts to objects whose file is among them. An object without a file, one
    to be deleted, is selected when a path that no object has any more is named after it; a flow also when its id is
    among `ids`, those that the files of `paths` had before.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    paths: frozenset[str] | None = None
    ids: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.select and not self.exclude and self.paths is None

    def includes(self, key: ObjectKey, path: str | None) -> bool:
        """Whether an object is in the selection. `path` is its file's, None when it has none."""
        if self.select and not matches(key, self.select):
            return False
        if self.exclude and matches(key, self.exclude):
            return False
        return self.paths is None or self._changed(key, path, self.paths)

    def _changed(self, key: ObjectKey, path: str | None, paths: frozenset[str]) -> bool:
        if path is not None:
            return path in paths or any(path.endswith("/" + changed) for changed in paths)
        if isinstance(key, FlowKey):
            return key.id in self.ids or any(PurePosixPath(changed).stem == key.id for changed in paths)
        if isinstance(key, FileKey):
            return any(changed.endswith("/_files" + key.path) for changed in paths)
        return any(changed.endswith("_kv.yaml") for changed in paths)


EVERYTHING = Selection()
