"""Copies of a server's data, taken while it works."""

from __future__ import annotations

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
