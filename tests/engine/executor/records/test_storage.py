from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.executor.records.masking import Masker
from flowctl.engine.executor.records.storage import NoSuchFile, Storage, slug, task_folder
from flowctl.engine.executor.turn import MESSAGE_LIMIT, split_message


def test_a_stored_file_is_found_by_its_address(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    uri = storage.put(task_folder("a.b", "My_Flow", "e1", "a task", "t1"), "näme with blank.txt", b"x")
    assert uri.startswith("kestra:///a/b/my-flow/executions/e1/tasks/a-task/t1/")
    assert storage.existing(uri).read_bytes() == b"x"
    assert storage.delete(uri)
    assert not storage.delete(uri)


@given(st.text(max_size=60))
def test_no_address_leads_outside(text: str) -> None:
    root = Path("/nowhere/storage")
    try:
        path = Storage(root).path("kestra:///" + text)
    except NoSuchFile:
        return
    assert path.is_relative_to(root)
    assert ".." not in path.parts


@pytest.mark.parametrize("uri", ["", "kestra://", "kestra:///", "kestra:///../x", "kestra:///a/%2e%2e/x", "file:///x"])
def test_what_is_no_address_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile):
        Storage(tmp_path).path(uri)


def test_purging_names_what_was_there(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    uris = [storage.put("a/executions/e", name, b"") for name in ("one", "two")]
    storage.put("a/executions/other", "three", b"")
    assert storage.purge("a/executions/e") == sorted(uris)
    assert storage.purge("a/executions/e") == []
    assert (tmp_path / "a/executions/other/three").exists()


@pytest.mark.parametrize(("text", "expected"), [("My_Flow", "my-flow"), ("Été 2", "ete-2"), ("a b/c", "a-bc")])
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_masked_values_never_show(tmp_path: Path) -> None:
    masker = Masker()
    masker.add("top-secret\nsecond line")
    masker.add("ab")
    assert masker.mask("x top-secret second line ab") == "x ****** ****** ab"
    assert masker.mask(json.dumps({"a": "top-secret\nsecond line"})) == '{"a": "******"}'
    assert masker.mask_json(json.dumps(json.dumps(["top-secret\nsecond line"])).encode()) == rb'"[\"******\"]"'


@given(st.text(max_size=3 * MESSAGE_LIMIT))
def test_a_long_message_is_split_without_loss(text: str) -> None:
    parts = split_message(text)
    assert "".join(parts) == text
    assert all(len(part) <= MESSAGE_LIMIT for part in parts)
