"""Which revision each line comes from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowctl.history.blame import line_origins
from flowctl.model.history import FlowRevision


def revision(number: int, text: str, *, deleted: bool = False) -> FlowRevision:
    return FlowRevision(number, text, str(number), deleted=deleted)


def origins(*revisions: FlowRevision) -> list[tuple[int, str]]:
    return [(one.revision, line) for one, line in line_origins(revisions)]


def test_lines_keep_the_revision_that_they_came_in_with() -> None:
    found = origins(revision(1, "a\nb\nc\n"), revision(2, "a\nB\nc\nd\n"), revision(3, "a\nB\nd\n"))
    assert found == [(1, "a"), (2, "B"), (2, "d")]


def test_a_deletion_begins_anew() -> None:
    assert origins(revision(1, "a\n"), revision(2, "a\n", deleted=True), revision(3, "a\n")) == [(3, "a")]


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=5))
def test_the_lines_are_always_those_of_the_last_text(texts: list[list[str]]) -> None:
    revisions = [revision(number, "\n".join(text)) for number, text in enumerate(texts, start=1)]
    found = origins(*revisions)
    assert [line for _, line in found] == (revisions[-1].source.splitlines() if revisions else [])
