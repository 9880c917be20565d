"""Circles of dependencies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowctl.language.cycles import circle, stuck

graphs = st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefgx"), max_size=4))


def test_some() -> None:
    assert stuck({"a": ["b"], "b": ["c"], "c": []}) == []
    assert stuck({"a": ["b"], "b": ["a"], "c": ["a"], "d": ["ghost"]}) == ["a", "b", "c"]
    assert circle("a", {"a": ["b"], "b": ["a"]}) == ["a", "b"]
    assert circle("a", {"a": ["a"]}) == ["a"]
    assert circle("c", {"a": ["b"], "b": ["a"], "c": ["a"]}) == []


@given(graphs)
def test_who_is_in_a_circle_is_stuck_and_a_circle_goes_round(needs: dict[str, list[str]]) -> None:
    waiting = stuck(needs)
    for name in needs:
        found = circle(name, needs)
        if found:
            assert name in waiting and found[0] == name and len(set(found)) == len(found)
            for here, following in zip(found, [*found[1:], name], strict=True):
                assert following in needs[here]
    assert bool(waiting) == any(circle(name, needs) for name in needs)
