"""The server's text as the file's text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.flowtext.splice import insert_namespace
from flowctl.history.taking import file_text

FILE = "id: a  # the name\n\n# what it does\ntasks:\n  - id: t\n    type: x.Log\n    message: old\n"


def test_a_new_file_is_the_servers_text() -> None:
    assert file_text(None, "# c\r\nid: a\r\nnamespace: n\r\n", "n") == "# c\r\nid: a\r\nnamespace: n\r\n"


def test_a_file_without_namespace_stays_without() -> None:
    live = insert_namespace(FILE, "n").replace("old", "new")
    assert file_text(FILE, live, "n") == FILE.replace("old", "new")


def test_a_file_that_states_its_namespace_goes_on_stating_it() -> None:
    file = insert_namespace(FILE, "n")
    assert file_text(file, file.replace("old", "new"), "n") == file.replace("old", "new")


def test_a_namespace_that_would_not_come_back_at_its_place_stays() -> None:
    live = "namespace: n\nid: a\ntasks: [] # x\n"
    assert file_text(FILE, live, "n") == live


def test_comments_that_an_editor_lost_are_kept() -> None:
    live = "id: a\nnamespace: n\ntasks:\n  - id: t\n    type: x.Log\n    message: new\n  - id: u\n    type: x.Log\n"
    wanted = FILE.replace("old", "new") + "  - id: u\n    type: x.Log\n"
    assert file_text(FILE, live, "n") == wanted


def test_a_comment_that_was_taken_out_on_purpose_is_taken_out() -> None:
    live = "id: a  # the name\nnamespace: n\ntasks:\n  - id: t\n    type: x.Log\n    message: old\n"
    assert "what it does" not in file_text(FILE, live, "n")


def test_a_hash_inside_a_text_is_never_lost_or_kept_wrongly() -> None:
    file = "id: a\ntasks:\n  - id: t\n    script: |\n      # inside\n      echo\n"
    live = "id: a\nnamespace: n\ntasks:\n  - id: t\n    script: |\n      echo\n"
    assert file_text(file, live, "n") == live.replace("namespace: n\n", "")


LINES = st.lists(st.sampled_from(["# note", "", "b: 1  # why", "c: 2", "d: 'x # y'", "e: 3"]), unique=True, max_size=6)


@given(LINES, LINES)
def test_the_result_always_means_what_the_server_has(old: list[str], new: list[str]) -> None:
    file = "\n".join(["id: a", *old, ""])
    live = insert_namespace("\n".join(["id: a", *new, ""]), "n")
    found = file_text(file, live, "n")
    meant = parse(found).value
    assert isinstance(meant, dict)
    assert {"namespace": "n", **meant} == parse(live).value
