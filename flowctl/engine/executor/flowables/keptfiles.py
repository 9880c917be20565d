"""`cache` of a WorkingDirectory: files that its next run finds again.

They lie in the storage as one archive per task and value, with the time at which they were kept. Modes and times of
the files stay, links are left out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowctl.engine.executor.records.storage import NoSuchFile, Storage, cache_folder
from flowctl.engine.plugins.protocol import Place
from flowctl.engine.plugins.scripts.files import OURS, inside
from flowctl.engine.plugins.scripts.globs import matches

MOST_ARCHIVES = 20
"""Archives that are kept of one task, whose runs have different values; the oldest go first."""
MOST_FILES, MOST_BYTES = 100_000, 1024 * 1024 * 1024
KEPT_AT = "FLOWCTL.kept_at"
"""The header of an archive with the time at which it was made, in microseconds since 1970."""


class TooMuch(Exception):
    """There are more files than are kept. The message says how many, and what the bound is."""


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files that one task keeps. `ttl` in microseconds, None: for ever."""

    storage: Storage
    folder: str
    name: str
    patterns: list[str]
    ttl: int | None

    @classmethod
    def of(cls, storage: Storage, place: Place, patterns: list[str], ttl: int | None) -> KeptFiles:
        """Those of the task at a place."""
        which = "" if place.value is None else "-" + hashlib.sha256(place.value.encode()).hexdigest()
        folder = cache_folder(place.namespace, place.flow_id, place.task_id)
        return cls(storage, folder, f"files{which}.tar", patterns, ttl)

    def restore(self, directory: Path, now: int) -> int:
        """Write the kept files into a directory, unless they are too old at `now`. Returns their number.

        Raises:
            OSError: they cannot be read or written.
        """
        try:
            with tarfile.open(self.storage.existing_in(self.folder, self.name)) as archive:
                members = archive.getmembers()
                if self.ttl is not None and now - int(archive.pax_headers[KEPT_AT]) >= self.ttl:
                    return 0
                for member in members:
                    _extract(archive, member, directory)
                return len(members)
        except NoSuchFile:
            return 0
        except (tarfile.TarError, KeyError, ValueError) as error:
            raise OSError(f"the archive {self.name} of {self.folder} is damaged: {error}") from error

    def keep(self, directory: Path, now: int) -> int | None:
        """Keep the files of a directory that match. Returns their number; None when they are still the kept ones, whose
        age then goes on.

        Raises:
            OSError: they cannot be read or written.
            TooMuch: there are too many, or they are too large.
        """
        found = sorted(_matching(directory, self.patterns))
        if self._same(directory, found, now):
            return None
        _check(found)
        headers = {KEPT_AT: str(now)}

        def write(path: Path) -> None:
            with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers=headers, dereference=True) as archive:
                for one in found:
                    archive.add(one, one.relative_to(directory).as_posix(), recursive=False)

        self.storage.put_written(self.folder, self.name, write)
        self.storage.trim(self.folder, MOST_ARCHIVES)
        return len(found)

    def _same(self, directory: Path, found: list[Path], now: int) -> bool:
        """Whether the kept files are young enough and as those found: by name, size, mode and time."""
        try:
            with tarfile.open(self.storage.existing_in(self.folder, self.name)) as archive:
                kept = [(m.name, m.size, m.mode & 0o777, round(m.mtime, 6)) for m in archive.getmembers()]
                if self.ttl is not None and now - int(archive.pax_headers[KEPT_AT]) >= self.ttl:
                    return False
        except (NoSuchFile, tarfile.TarError, KeyError, ValueError):
            return False
        return kept == [_traits(path, directory) for path in found]


def _traits(path: Path, directory: Path) -> tuple[str, int, int, float]:
    status = path.stat()
    return path.relative_to(directory).as_posix(), status.st_size, status.st_mode & 0o777, round(status.st_mtime, 6)


def _matching(directory: Path, patterns: list[str]) -> Iterator[Path]:
    for path in directory.rglob("*"):
        name = path.relative_to(directory).as_posix()
        if (
            not name.startswith(OURS)
            and any(matches(pattern, name) for pattern in patterns)
            and _plain(path, directory)
        ):
            yield path


def _plain(path: Path, directory: Path) -> bool:
    """Whether a path is a file that no link leads to."""
    return path.is_file() and path.resolve() == directory.resolve() / path.relative_to(directory)


def _check(found: list[Path]) -> None:
    size = sum(path.stat().st_size for path in found)
    if len(found) > MOST_FILES or size > MOST_BYTES:
        most = f"{MOST_FILES} files and {MOST_BYTES // 1024**2} MiB"
        raise TooMuch(f"`cache.patterns` matches {len(found)} files with {size} bytes, more than {most}")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, directory: Path) -> None:
    source = archive.extractfile(member) if member.isreg() else None
    if source is None:
        return
    target = inside(directory, member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream)
    target.chmod(member.mode & 0o777)
    moment = round(member.mtime * 1_000_000) * 1000
    os.utime(target, ns=(moment, moment))
