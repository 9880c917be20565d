"""Copies of a server's data directory: a consistent database, the files of executions, the key of the secrets."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowctl import __version__
from flowctl.engine.secrets.vault import FILE_NAME as KEY_FILE
from flowctl.engine.store.ownership import Ownership
from flowctl.engine.store.store import FILE_NAME as DATABASE
from flowctl.errors import ServerError

MANIFEST = "backup.json"
STORAGE = "storage"
FORMAT = "1.0"


def backup(data: Path, target: Path) -> int:
    """Write everything a server holds into a new file; the server may run meanwhile. Returns the file's size in bytes.

    The database is copied first, as of one moment; files of executions that it names are there already by then.

    Raises:
        ServerError: `S320`, there is nothing to copy, or the target is there already or cannot be written.
    """
    if not (data / DATABASE).is_file():
        raise ServerError.of("S320", f"there is no server data in {data}", hint="start a server first, or give --data")
    if target.exists():
        raise ServerError.of("S320", f"{target} is there already", hint="name a file that does not exist")
    fresh = target.with_name(target.name + ".part")
    try:
        with _snapshot(data) as (database, key), tarfile.open(fresh, "w:gz", compresslevel=3) as archive:
            _pack(archive, data, database, key)
        _durable(fresh)
        fresh.replace(target)
    except (OSError, sqlite3.Error) as error:
        fresh.unlink(missing_ok=True)
        raise ServerError.of("S320", f"the backup failed: {error}", hint="check the free space and --data") from error
    return target.stat().st_size


@contextmanager
def _snapshot(data: Path) -> Iterator[tuple[Path, Path | None]]:
    """Copies of the database and of the key file, which fit together although the keys may be rotated meanwhile."""
    with tempfile.TemporaryDirectory(dir=data) as folder:
        copy, key = Path(folder) / DATABASE, Path(folder) / KEY_FILE
        before = _bytes(data / KEY_FILE)
        while True:
            _copy(data / DATABASE, copy)
            after = _bytes(data / KEY_FILE)
            if after == before:
                break
            before = after
        if after is not None:
            key.touch(mode=0o600)
            key.write_bytes(after)
        yield copy, key if after is not None else None


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _copy(database: Path, copy: Path) -> None:
    source = sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


def _pack(archive: tarfile.TarFile, data: Path, database: Path, key: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / MANIFEST
        manifest.write_text(json.dumps({"format": FORMAT, "flowctl": __version__}))
        archive.add(manifest, MANIFEST)
    archive.add(database, DATABASE)
    if key is not None:
        archive.add(key, KEY_FILE)
    _pack_files(archive, data / STORAGE)


def _pack_files(archive: tarfile.TarFile, root: Path) -> None:
    """The files of executions. One that goes meanwhile belongs to an execution that was deleted, or is half written."""
    for directory, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(directory, name)
            with contextlib.suppress(FileNotFoundError):
                archive.add(path, f"{STORAGE}/{path.relative_to(root).as_posix()}")


def _durable(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def restore(source: Path, data: Path) -> None:
    """Put a backup back as a server's data. What the directory held before is kept beside it, under `NAME.before`.

    Raises:
        ServerError: `S303`, a server runs on the directory; `S321`, the file is no backup of ours, or is damaged.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = Ownership(data)
    try:
        with tempfile.TemporaryDirectory(dir=data.parent) as folder:
            fresh = Path(folder) / "data"
            _unpack(source, fresh)
            _exchange(fresh, data)
    finally:
        owner.release()


def _unpack(source: Path, fresh: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(fresh, filter="data")
        manifest = json.loads((fresh / MANIFEST).read_text())
        sound = _sound(fresh / DATABASE)
    except (OSError, EOFError, tarfile.TarError, ValueError, sqlite3.Error) as error:
        raise _no_backup(source, _reason(error)) from error
    if not isinstance(manifest, dict) or str(manifest.get("format", "")).partition(".")[0] != "1" or not sound:
        raise _no_backup(source, "its parts do not fit together")
    (fresh / MANIFEST).unlink()


def _sound(database: Path) -> bool:
    connection = sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _no_backup(source: Path, why: str) -> ServerError:
    hint = "name a file that `flowctl server backup` wrote; nothing was changed"
    return ServerError.of("S321", f"{source} is no backup that can be restored: {why}", hint=hint)


def _exchange(fresh: Path, data: Path) -> None:
    kept = data.with_name(data.name + ".before")
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(mode=0o700)
    for name in (DATABASE, DATABASE + "-wal", DATABASE + "-shm", KEY_FILE, STORAGE):
        if (data / name).exists():
            (data / name).rename(kept / name)
    for path in fresh.iterdir():
        path.rename(data / path.name)
    if (data / KEY_FILE).exists():
        (data / KEY_FILE).chmod(0o600)
