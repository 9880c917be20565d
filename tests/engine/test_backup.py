"""Copies of a server's data, taken while it works."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from flowctl.engine import backup
from flowctl.engine.secrets.vault import Vault
from flowctl.engine.store import Store


def test_a_backup_during_a_rotation_has_the_key_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "data", environ={})
    vault = Vault(store, tmp_path / "data", lambda _: None)
    vault.put("a", "X", "value")
    copy, times = backup._copy, []

    def copied(database: Path, target: Path) -> None:
        copy(database, target)
        if not times:
            vault.rotate()
        times.append(target)

    monkeypatch.setattr(backup, "_copy", copied)
    backup.backup(tmp_path / "data", tmp_path / "copy.tgz")
    store.close()
    backup.restore(tmp_path / "copy.tgz", tmp_path / "other")
    again = Store.open(tmp_path / "other", environ={})
    try:
        assert Vault(again, tmp_path / "other", lambda _: None).get("a", "X") == "value"
    finally:
        again.close()


def test_a_file_that_goes_during_a_backup_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(tmp_path / "data", environ={}).close()
    folder = tmp_path / "data" / "storage" / "n" / "f"
    folder.mkdir(parents=True)
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(name)
    look = tarfile.TarFile.gettarinfo

    def looked(self: tarfile.TarFile, name: Path, *more: object) -> tarfile.TarInfo:
        found = look(self, name, *more)  # type: ignore[arg-type]
        if Path(name).name == "b.txt":
            Path(name).unlink()
        return found

    monkeypatch.setattr(tarfile.TarFile, "gettarinfo", looked)
    backup.backup(tmp_path / "data", tmp_path / "copy.tgz")
    backup.restore(tmp_path / "copy.tgz", tmp_path / "other")
    kept = tmp_path / "other" / "storage" / "n" / "f"
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"a.txt": "a.txt", "c.txt": "c.txt"}
