"""Where an object of a server that has no file yet belongs among the files."""

from __future__ import annotations

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey

KEY_VALUES = "_kv.yaml"
FILES = "_files"
_SKIPPED = ("_", ".")


class NoPlace(Exception):
    """No file can mean the object; the text says why."""


def place_of(key: ObjectKey, root: str) -> str:
    """The path of an object's file below the directory whose namespace is `root`, with slashes.

    What the server calls a name is never followed out of that directory.

    Raises:
        NoPlace: the namespace is outside `root`, or the files of that name would not be read.
    """
    if key.namespace != root and not key.namespace.startswith(root + "."):
        raise NoPlace(f"its namespace lies outside {root}, so that no directory means it")
    below = key.namespace[len(root) + 1 :].split(".") if key.namespace != root else []
    for part in below:
        if not part or part.startswith(_SKIPPED) or "/" in part or "\\" in part:
            raise NoPlace(f"no flows are read from a directory called {part!r}")
    return "/".join([*below, *_name_of(key)])


def _name_of(key: ObjectKey) -> list[str]:
    if isinstance(key, KvKey):
        return [KEY_VALUES]
    if isinstance(key, FlowKey):
        if key.id.startswith(_SKIPPED) or "/" in key.id or "\\" in key.id:
            raise NoPlace(f"no flow is read from a file called '{key.id}.yaml'")
        return [f"{key.id}.yaml"]
    assert isinstance(key, FileKey)
    parts = key.path.removeprefix("/").split("/")
    if any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise NoPlace("its path names no file below one directory")
    return [FILES, *parts]
