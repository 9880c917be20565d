"""What lies in an environment's directories: flow files, `_kv.yaml`, `_files/**`, and the namespace of each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flowctl.loading.problems import Problems

FLOW_SUFFIXES = (".yaml", ".yml")
FILES = "_files"
KEY_VALUES = ("_kv.yaml", "_kv.yml")
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9._-]*")
_MAX_DEPTH = 64
_MAX_NAMESPACE = 150


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its absolute path, its path relative to the workspace with slashes, and its namespace."""

    path: str
    shown: str
    namespace: str


@dataclass(frozen=True, slots=True)
class FoundFile(Found):
    """A namespace file; `name` is its path inside the namespace, with a leading slash."""

    name: str


@dataclass(slots=True)
class Tree:
    """Everything in one layer, sorted by path."""

    flows: list[Found] = field(default_factory=list)
    key_values: list[Found] = field(default_factory=list)
    files: list[FoundFile] = field(default_factory=list)


def scan(root: str, layer: str, namespace: str, problems: Problems) -> Tree:
    """Look through one layer. `root` is the workspace, `layer` a directory in it, both absolute and resolved."""
    scanner = _Scanner(root, problems)
    scanner.flows(layer, namespace, 0)
    return scanner.tree


class _Scanner:
    def __init__(self, root: str, problems: Problems) -> None:
        self.root, self.problems, self.tree = root, problems, Tree()

    def flows(self, directory: str, namespace: str, depth: int) -> None:
        """A directory of flows: its files, then its sub-directories."""
        below: list[tuple[str, str]] = []
        for entry in self._entries(directory, depth):
            name = entry.name
            if name[0] in "._" and name != FILES and name not in KEY_VALUES:
                continue
            usable, is_directory = self._usable(entry)
            if not usable:
                continue
            if is_directory:
                below.append((entry.path, name))
            elif name in KEY_VALUES:
                self.tree.key_values.append(Found(entry.path, self._shown(entry.path), namespace))
            elif name == FILES:
                hint = "make a directory of it, or rename it"
                self.problems.add("F415", "`_files` is a file", path=self._shown(entry.path), hint=hint)
            elif name.endswith(FLOW_SUFFIXES):
                self.tree.flows.append(Found(entry.path, self._shown(entry.path), namespace))
        for path, name in below:
            if name == FILES:
                self._files(path, namespace, "/", depth + 1)
            else:
                self._below(path, name, namespace, depth + 1)

    def _below(self, path: str, name: str, namespace: str, depth: int) -> None:
        flows = len(self.tree.flows)
        inner = f"{namespace}.{name}"
        self.flows(path, inner, depth)
        if flows == len(self.tree.flows):
            return
        hint = (
            "lower-case letters, digits, `_` and `-`, the first a letter or digit; or begin it with `_` to leave it out"
        )
        if not _SEGMENT.fullmatch(name):
            del self.tree.flows[flows:]
            self.problems.add("F374", f"`{name}` is no namespace", path=self._shown(path), hint=hint)
        elif len(inner) > _MAX_NAMESPACE:
            del self.tree.flows[flows:]
            summary = f"the namespace has {len(inner)} characters, the limit is {_MAX_NAMESPACE}"
            self.problems.add("F374", summary, path=self._shown(path), hint="nest less, or use shorter names")

    def _files(self, directory: str, namespace: str, prefix: str, depth: int) -> None:
        """The namespace files below a directory; `prefix` is its path in the namespace."""
        for entry in self._entries(directory, depth):
            usable, is_directory = self._usable(entry)
            if usable and is_directory:
                self._files(entry.path, namespace, f"{prefix}{entry.name}/", depth + 1)
            elif usable:
                shown = self._shown(entry.path)
                self.tree.files.append(FoundFile(entry.path, shown, namespace, prefix + entry.name))

    def _entries(self, directory: str, depth: int) -> Iterator[os.DirEntry[str]]:
        if depth > _MAX_DEPTH:
            hint = "a symbolic link may lead back to a directory above it"
            self.problems.add(
                "F411", f"nested deeper than {_MAX_DEPTH} directories", path=self._shown(directory), hint=hint
            )
            return
        try:
            with os.scandir(directory) as entries:
                found = sorted(entries, key=_name)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            hint = "check that you may read the directory"
            self.problems.add("F401", f"cannot be read: {reason}", path=self._shown(directory), hint=hint)
            return
        yield from found

    def _usable(self, entry: os.DirEntry[str]) -> tuple[bool, bool]:
        """Whether an entry can be used, and whether it is a directory; what cannot be used is a problem."""
        if entry.is_symlink():
            return self._link(entry)
        if entry.is_dir(follow_symlinks=False):
            return True, True
        if not entry.is_file(follow_symlinks=False):
            hint = "remove it: flowctl reads regular files only"
            self.problems.add("F404", "neither a file nor a directory", path=self._shown(entry.path), hint=hint)
            return False, False
        return self._named(entry), False

    def _link(self, entry: os.DirEntry[str]) -> tuple[bool, bool]:
        target = os.path.realpath(entry.path)
        shown = self._shown(entry.path)
        if not os.path.exists(target):  # noqa: PTH110  # plain strings: this walk runs over ten thousand files
            hint = "point it to a file that is there, or remove it"
            self.problems.add(
                "F402", f"a symbolic link to {Path(entry.path).readlink()}, which is not there", path=shown, hint=hint
            )
            return False, False
        if not f"{target}/".startswith(f"{self.root}/"):
            hint = "copy the file into the workspace: what is deployed must be what Git holds"
            self.problems.add("F403", "a symbolic link that leads out of the workspace", path=shown, hint=hint)
            return False, False
        if f"{os.path.dirname(entry.path)}/".startswith(f"{target}/"):  # noqa: PTH120
            hint = "remove the link"
            self.problems.add("F411", "a symbolic link to a directory above itself", path=shown, hint=hint)
            return False, False
        return self._named(entry), entry.is_dir()

    def _named(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.isprintable():
            return True
        shown = self._shown(entry.path).encode("unicode_escape", "surrogatepass").decode("ascii")
        hint = "rename it with characters that can be printed, in UTF-8"
        self.problems.add("F405", "the name of this file is not UTF-8, or cannot be printed", path=shown, hint=hint)
        return False

    def _shown(self, path: str) -> str:
        shown = path[len(self.root) + 1 :] if path.startswith(self.root) else path
        return shown.replace(os.sep, "/") if os.sep != "/" else shown


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
