"""Namespace files: any bytes, known by their digest; read again when they are sent."""

from __future__ import annotations

from collections.abc import Iterable

from flowctl.flowtext.digests import bytes_digest
from flowctl.loading.problems import Problems
from flowctl.loading.texts import Unreadable, read_limited
from flowctl.loading.tree import FoundFile
from flowctl.model.keys import FileKey
from flowctl.model.project import NamespaceFile

MAX_FILE_BYTES = 64 << 20
MAX_NAME_BYTES = 255


def load_files(layers: Iterable[list[FoundFile]], problems: Problems) -> dict[FileKey, NamespaceFile]:
    """The files of all layers, sorted; a later layer's file takes an earlier one's place."""
    files: dict[FileKey, NamespaceFile] = {}
    for layer in layers:
        for found in layer:
            _check_name(found, problems)
            try:
                data = read_limited(found.path, MAX_FILE_BYTES, "F407")
            except Unreadable as problem:
                problems.add(problem.code, problem.summary, path=found.shown, hint=problem.hint)
                continue
            key = FileKey(found.namespace, found.name)
            files[key] = NamespaceFile(key, bytes_digest(data), len(data), found.path)
    return dict(sorted(files.items()))


def _check_name(found: FoundFile, problems: Problems) -> None:
    """What a server does with names: it reserves `/_flows`, and takes a `.zip` apart."""
    name = found.name.rpartition("/")[2]
    if found.name.startswith("/_flows/"):
        hint = "rename the directory: servers keep `_flows` for themselves"
        problems.add("F409", "a namespace file cannot be below `_flows`", path=found.shown, hint=hint)
    if "\\" in found.name:
        problems.add("F410", "a name with a backslash", path=found.shown, hint="rename it: servers refuse it")
    if len(name.encode()) > MAX_NAME_BYTES:
        summary = f"the name has {len(name.encode())} bytes, the limit is {MAX_NAME_BYTES}"
        problems.add("F408", summary, path=found.shown, hint="use a shorter name")
    if name.lower().endswith(".zip"):
        hint = "put the unpacked files into `_files`, or choose another suffix"
        summary = "a server unpacks a `.zip` instead of storing it"
        problems.add("F414", summary, path=found.shown, hint=hint)
