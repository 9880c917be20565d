"""Files of executions: a directory addressed by `kestra:///…`."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from flowctl.engine.executor.records.identifiers import new_id

SCHEME = "kestra://"
ASIDE = ".removed"
"""The folder of what is to go; no namespace has a name that begins with a dot."""

_EXECUTION = re.compile(r"[0-9A-Za-z]{20,22}")


class NoSuchFile(Exception):
    """There is no file at an address."""


class Forbidden(Exception):
    """An address may not be read from where it is used."""


class Storage:
    """All files of the server below one directory. Addresses are checked: none leads outside."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, uri: str) -> Path:
        """Where the file of an address is.

        Raises:
            NoSuchFile: it is no address of this storage.
        """
        if not uri.startswith(SCHEME + "/"):
            raise NoSuchFile(f"{uri!r} is no address of the storage; one begins with {SCHEME}/")
        parts = [unquote(part) for part in uri[len(SCHEME) :].split("?")[0].split("/") if part]
        if not parts or any(part in (".", "..") or "/" in part or "\0" in part for part in parts):
            raise NoSuchFile(f"{uri!r} is no address of a file")
        return self.root.joinpath(*parts)

    def put(self, folder: str, name: str, data: bytes) -> str:
        """Store bytes under a folder (without scheme, no slash at its ends). Returns the address."""
        return self.put_written(folder, name, lambda path: path.write_bytes(data))

    def put_file(self, folder: str, name: str, source: Path) -> str:
        """Store a copy of a file. Returns the address."""
        return self.put_written(folder, name, lambda path: shutil.copyfile(source, path))

    def put_written(self, folder: str, name: str, write: Callable[[Path], object]) -> str:
        """Store what `write` writes to a path. Returns the address, which has the old file until then."""
        uri = address(folder, name)
        path = self.path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _partial(path)
        try:
            write(partial)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return uri

    def existing(self, uri: str) -> Path:
        """The file of an address.

        Raises:
            NoSuchFile: there is none.
        """
        path = self.path(uri)
        if not path.is_file():
            raise NoSuchFile(f"File not found: {uri}")
        return path

    def existing_in(self, folder: str, name: str) -> Path:
        """The file of a name in a folder.

        Raises:
            NoSuchFile: there is none.
        """
        return self.existing(address(folder, name))

    def trim(self, folder: str, most: int) -> None:
        """Remove the files of a folder that were written first, until there are no more than `most`."""
        found = list(self.root.joinpath(*folder.split("/")).iterdir())
        if len(found) > most:
            for path in sorted(found, key=_written)[: len(found) - most]:
                path.unlink(missing_ok=True)

    def delete(self, uri: str) -> bool:
        """Remove a file. False when there was none."""
        path = self.path(uri)
        if not path.is_file():
            return False
        path.unlink()
        return True

    def purge(self, folder: str) -> list[str]:
        """Remove everything below a folder. Returns the addresses of what was there."""
        top = self.root.joinpath(*folder.split("/"))
        if not top.is_dir():
            return []
        found: list[str] = []
        for directory, _, names in os.walk(top):
            inner = Path(directory).relative_to(self.root).as_posix()
            found.extend(address(inner, name) for name in names)
        shutil.rmtree(top, ignore_errors=True)
        return sorted(found)

    def set_aside(self, folder: str) -> str | None:
        """Give a folder a name of its own, where no execution finds it: at once, however much it holds. Returns the
        name; None when there is no such folder."""
        top, aside = self.root.joinpath(*folder.split("/")), f"{ASIDE}/{new_id()}"
        (self.root / ASIDE).mkdir(parents=True, exist_ok=True)
        try:
            top.rename(self.root / aside)
        except FileNotFoundError:
            return None
        return aside

    def executions_below(self, top: str) -> Iterator[tuple[str, int]]:
        """The folders of executions below a folder, each with the time in microseconds since 1970 at which its newest
        file was written; those without a file are left out. Nothing lies below a folder that leads elsewhere."""
        if ".." in top.split("/"):
            return
        for directory, inner, _ in os.walk(self.root.joinpath(*top.split("/"))):
            path = Path(directory)
            found = [name for name in inner if path.name == "executions" and _EXECUTION.fullmatch(name)]
            inner[:] = sorted(name for name in inner if name not in found and name != ASIDE)
            for name in sorted(found):
                written = [_written(one) for one in (path / name).rglob("*") if one.is_file()]
                if written:
                    yield (path / name).relative_to(self.root).as_posix(), max(written) // 1000

    def holds(self, folder: str) -> bool:
        """Whether there is such a folder."""
        return self.root.joinpath(*folder.split("/")).is_dir()


def _partial(path: Path) -> Path:
    """Where a file is written before it takes its place; two threads may write the same one."""
    return path.with_name(f"{path.name}.{new_id()}.partial")


def _written(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 when another thread has removed it."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def address(folder: str, name: str) -> str:
    """The address of a file in a folder; odd characters are escaped."""
    return f"{SCHEME}/{quote(folder)}/{quote(name)}"


def slug(text: str) -> str:
    """A name as addresses have it: lower case, blanks and `_` become `-`, accents and other characters go."""
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9.-]", "", re.sub(r"[\s_]+", "-", plain))


def flow_folder(namespace: str | None, flow_id: str | None) -> str:
    """The folder of all files of a flow, of a namespace with those below it, or of all."""
    return "/".join([*(namespace or "").split("."), *([slug(flow_id), "executions"] if flow_id else [])]).lstrip("/")


def execution_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """The folder of an execution's files."""
    return f"{namespace.replace('.', '/')}/{slug(flow_id)}/executions/{execution_id}"


def task_folder(namespace: str, flow_id: str, execution_id: str, task_id: str, task_run_id: str) -> str:
    """The folder of a task run's files."""
    return f"{execution_folder(namespace, flow_id, execution_id)}/tasks/{slug(task_id)}/{task_run_id}"


def cache_folder(namespace: str, flow_id: str, task_id: str) -> str:
    """The folder of what a task keeps for its later runs."""
    return f"{namespace.replace('.', '/')}/{slug(flow_id)}/{slug(task_id)}/cache"
