"""Names for files that a pull makes, each a name of its own on any disk."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.history.naming import numbered, steps, twin
from flowctl.history.placing import NoPlace
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import FlowKey, ObjectKey


@dataclass(frozen=True, slots=True)
class Renamed:
    """A flow whose file is not called after it, because on some disks that name is `twin`."""

    key: ObjectKey
    path: str
    twin: str


class FileNames:
    """The names that the directories of a workspace have, and will have after a pull."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: dict[str, set[str]] = {}
        self.renamed: list[Renamed] = []

    def of_flow(self, key: FlowKey, path: str) -> str:
        """The path, or one with a number where another file has that name but for upper and lower case: the name of a
        flow's file means nothing."""
        directory, _, name = path.rpartition("/")
        others = self._in(directory)
        other = twin(name, others)
        if other is not None:
            path = numbered(path, others)
            self.renamed.append(Renamed(key, path, f"{directory}/{other}"))
        return path

    def tell_apart(self, path: str) -> None:
        """Make sure that a namespace file can have its name, which means something, on any disk.

        Raises:
            NoPlace: the name, or one of a directory on the way, is there but for upper and lower case.
        """
        for directory, name in steps(path):
            other = twin(name, self._in(directory))
            if other is not None:
                raise NoPlace(f"disks that do not tell upper and lower case apart take {name} for {other}: rename one")

    def add(self, path: str) -> None:
        """A file that there will be."""
        for directory, name in steps(path):
            self._in(directory).add(name)

    def _in(self, directory: str) -> set[str]:
        if directory not in self._names:
            there = self._workspace.root / directory
            self._names[directory] = {found.name for found in there.iterdir()} if there.is_dir() else set()
        return self._names[directory]
