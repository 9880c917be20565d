"""Equal lines of two texts."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from flowctl.history.matching import stretches

TEXT = st.lists(st.sampled_from("abcdefgh"), max_size=40)


@given(TEXT, TEXT)
def test_stretches_cover_both_texts_in_order_and_equal_ones_are_equal(old: list[str], new: list[str]) -> None:
    here, there = 0, 0
    for equal, start, end, new_start, new_end in stretches(old, new):
        assert (start, new_start) == (here, there)
        assert (old[start:end] == new[new_start:new_end]) is equal
        here, there = end, new_end
    assert (here, there) == (len(old), len(new))


@given(TEXT)
def test_a_text_is_equal_to_itself(text: list[str]) -> None:
    assert list(stretches(text, text)) == ([(True, 0, len(text), 0, len(text))] if text else [])


@given(TEXT, st.integers(0, 40))
def test_one_line_more_is_the_only_difference(text: list[str], at: int) -> None:
    more = [*text[:at], "NEW", *text[at:]]
    changed = [one for one in stretches(text, more) if not one[0]]
    assert changed == [(False, min(at, len(text)), min(at, len(text)), min(at, len(text)), min(at, len(text)) + 1)]


def test_a_long_flow_of_which_every_third_line_changed_takes_no_minutes() -> None:
    tasks = [[f"  - id: t{number}", "    type: Log", f"    message: old {number}"] for number in range(1666)]
    old = [line for task in tasks for line in task]
    new = [line.replace("old", "new") for line in old]
    began = process_time()
    equal = sum(end - start for same, start, end, _, _ in stretches(old, new) if same)
    assert equal == 2 * 1666
    assert process_time() - began < 2.0


def test_a_long_text_of_few_different_lines_takes_no_minutes() -> None:
    old = ["a", "b", "c"] * 2000
    new = ["b", "a", "d"] * 2000
    began = process_time()
    assert sum(end - start for _, start, end, _, _ in stretches(old, new)) == len(old)
    assert process_time() - began < 5.0
