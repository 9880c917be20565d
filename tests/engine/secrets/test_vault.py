from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from flowctl.engine.secrets import keyring
from flowctl.engine.secrets.vault import FILE_NAME, Vault
from flowctl.engine.store import Store
from flowctl.errors import ServerError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "store")
    yield made
    made.close()


@pytest.fixture
def learned() -> list[str]:
    return []


@pytest.fixture
def vault(store: Store, tmp_path: Path, learned: list[str]) -> Vault:
    return Vault(store, tmp_path, learned.append)


def test_a_secret_comes_back_and_is_hidden_from_then_on(vault: Vault, learned: list[str]) -> None:
    vault.put("a.b", "PASSWORD", "hunter22")
    assert vault.get("a.b", "PASSWORD") == "hunter22"
    assert set(learned) == {"hunter22"}


def test_a_secret_is_described_anew_and_keeps_its_value(vault: Vault) -> None:
    vault.put("a.b", "X", "value", "old")
    assert vault.describe("a.b", "X", "new")
    assert [(entry.key, entry.description) for entry in vault.entries()] == [("X", "new")]
    assert vault.get("a.b", "X") == "value"
    assert vault.describe("a.b", "X", None)
    assert [entry.description for entry in vault.entries()] == [None]
    assert [vault.describe(place, "X", "d") for place in ("a", "a.b.c")] == [False, False]


def test_namespaces_see_what_stands_above_them_but_not_beside_or_below(vault: Vault) -> None:
    vault.put("a", "X", "top")
    vault.put("a.b", "X", "middle")
    assert [vault.get(place, "X") for place in ("a", "a.b", "a.b.c", "a.other", "ab")] == [
        "top",
        "middle",
        "middle",
        "top",
        None,
    ]
    assert vault.inherited("a.b.c") == {"a": ["X"], "a.b": ["X"]}


def test_the_database_holds_no_value_and_no_key(vault: Vault, store: Store, tmp_path: Path) -> None:
    vault.put("a", "X", "plain-text-value")
    store.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir() if path.is_file())
    ring = keyring.load(tmp_path / FILE_NAME)
    assert b"plain-text-value" not in stored
    assert ring.current_key not in stored


def test_the_key_file_is_its_owners_alone(vault: Vault, tmp_path: Path) -> None:
    vault.put("a", "X", "value")
    path = tmp_path / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(ServerError, match="can be read by others"):
        keyring.load(path)


@pytest.mark.parametrize("text", ["", "{}", '{"current": "a", "keys": {"a": "not base64!"}}', "[1]"])
def test_a_damaged_key_file_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ServerError, match="damaged"):
        keyring.load(path)


def test_a_row_moved_to_another_name_cannot_be_opened(vault: Vault, store: Store) -> None:
    vault.put("a", "X", "value")
    store.write(lambda c: c.execute("UPDATE secrets SET key = 'Y'")).result()
    with pytest.raises(InvalidTag):
        vault.get("a", "Y")


def test_rotation_seals_all_anew_and_keeps_the_values(vault: Vault, store: Store, tmp_path: Path) -> None:
    for number in range(5):
        vault.put("a", f"K{number}", f"value {number}")
    before = keyring.load(tmp_path / FILE_NAME)
    assert vault.rotate() == 5
    after = keyring.load(tmp_path / FILE_NAME)
    assert before.current not in after.keys
    assert {row[0] for row in store.read(lambda c: c.execute("SELECT key_id FROM secrets").fetchall())} == {
        after.current
    }
    again = Vault(store, tmp_path, lambda _: None)
    assert [again.get("a", f"K{number}") for number in range(5)] == [f"value {number}" for number in range(5)]


def test_a_crash_between_the_key_file_and_the_rows_loses_nothing(vault: Vault, store: Store, tmp_path: Path) -> None:
    vault.put("a", "X", "value")
    keyring.save(tmp_path / FILE_NAME, keyring.load(tmp_path / FILE_NAME).with_new_key())
    again = Vault(store, tmp_path, lambda _: None)
    assert again.get("a", "X") == "value"
    again.put("a", "Y", "other")
    assert (again.rotate(), again.get("a", "X"), again.get("a", "Y")) == (2, "value", "other")


def test_after_a_start_all_stored_values_are_known(vault: Vault, store: Store, tmp_path: Path) -> None:
    vault.put("a", "X", "value one")
    vault.put("b", "Y", "value two")
    known: list[str] = []
    Vault(store, tmp_path, known.append).learn_all()
    assert sorted(known) == ["value one", "value two"]


def test_deleting(vault: Vault) -> None:
    vault.put("a", "X", "value")
    assert (vault.delete("a", "X"), vault.delete("a", "X"), vault.get("a", "X")) == (True, False, None)
