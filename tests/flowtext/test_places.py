"""Places and paths are two spellings of the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse, walk
from flowctl.flowtext.places import PlaceError, check_place, format_place, parse_place

FLOW = {
    "tasks": [{"id": "load", "commands": ["a", "b"]}, {"type": "x"}, {"id": "7"}],
    "labels": {"a.b": 1, "a": {"b": 2}},
}


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("tasks[load].commands[1]", ("tasks", 0, "commands", 1)),
        ("tasks[1].type", ("tasks", 1, "type")),
        ("tasks[7].id", ("tasks", 2, "id")),
        ("labels.a.b", ("labels", "a.b")),
        ("labels.a", ("labels", "a")),
    ],
)
def test_a_place_leads_to_its_path_and_back(place: str, path: tuple[str | int, ...]) -> None:
    assert parse_place(FLOW, place) == path
    assert format_place(FLOW, path) == place


@pytest.mark.parametrize("place", ["tasks[none]", "tasks[9]", "tasks.load", "labels.c", "nothing", "tasks[load].id.x"])
def test_a_place_that_is_not_there_is_said_so(place: str) -> None:
    with pytest.raises(PlaceError, match="there is no"):
        parse_place(FLOW, place)


@pytest.mark.parametrize("place", ["", "[0]", "a..b", "a[", "a]", "a[]", "a[x]b", ".a", "a."])
def test_a_malformed_place_is_refused(place: str) -> None:
    with pytest.raises(PlaceError):
        check_place(place)


@pytest.mark.parametrize("place", ["triggers[*].disabled", "labels.**", "tasks[a b].x-y"])
def test_patterns_are_well_formed_places(place: str) -> None:
    check_place(place)


names = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
values = st.recursive(
    st.none() | st.integers() | names,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names, inner, max_size=4)
        | st.lists(st.fixed_dictionaries({"id": names, "x": inner}), max_size=3, unique_by=lambda item: item["id"])
    ),
    max_leaves=15,
)


@given(st.dictionaries(names, values, min_size=1, max_size=4))
def test_every_path_of_a_document_comes_back_from_its_place(value: dict[str, object]) -> None:
    import json

    for path, _ in walk(parse(json.dumps(value)).root):
        if path:
            assert parse_place(value, format_place(value, path)) == path
