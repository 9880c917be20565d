"""The agenda: new work before old, each execution with one thread, nothing forgotten."""

from __future__ import annotations

import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.executor.agenda import NEW, OLD, Agenda


def taken(agenda: Agenda) -> list[str]:
    """Everything there is to take, in order, each released at once."""
    agenda.add("last", OLD + 1)
    found = []
    while (id_ := agenda.take()) != "last":
        assert id_ is not None
        found.append(id_)
        agenda.release(id_)
    agenda.release("last")
    return found


def test_new_work_comes_before_what_was_left() -> None:
    agenda = Agenda()
    for number in range(1000):
        agenda.add(f"old-{number}", OLD)
    agenda.add("new")
    assert taken(agenda)[:3] == ["new", "old-0", "old-1"]


def test_what_was_left_moves_up_when_something_comes_for_it() -> None:
    agenda = Agenda()
    agenda.add("a", OLD)
    agenda.add("b", OLD)
    agenda.add("b", NEW)
    agenda.add("b", OLD)
    assert taken(agenda) == ["b", "a"]


def test_what_comes_during_a_turn_is_looked_at_afterwards_once() -> None:
    agenda = Agenda()
    agenda.add("a")
    assert agenda.take() == "a"
    agenda.add("a")
    agenda.add("a", OLD)
    agenda.again("a")
    agenda.add("b")
    agenda.release("a")
    assert taken(agenda) == ["b", "a"]


def test_it_ends_for_each_thread() -> None:
    agenda = Agenda()
    agenda.add("old", OLD)
    agenda.close(2)
    assert (agenda.take(), agenda.take()) == (None, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([NEW, OLD])), min_size=1, max_size=30))
def test_an_execution_is_with_one_thread_and_looked_at_after_all_that_came(added: list[tuple[str, int]]) -> None:
    agenda, lock, come, seen, held = Agenda(), threading.Lock(), Counter[str](), Counter[str](), set[str]()
    clashes: list[str] = []

    def work() -> None:
        while (id_ := agenda.take()) is not None:
            with lock:
                clashes.extend({id_} & held)
                held.add(id_)
                seen[id_] = come[id_]
            with lock:
                held.remove(id_)
            agenda.release(id_)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for id_, rank in added:
        with lock:
            come[id_] += 1
        agenda.add(id_, rank)
    agenda.close(3, OLD + 1)
    for thread in threads:
        thread.join(20)
    assert clashes == []
    assert seen == come


def test_no_more_than_so_many_are_taken_at_once() -> None:
    agenda = Agenda(most=2)
    for name in "abc":
        agenda.add(name)
    assert [agenda.take(), agenda.take()] == ["a", "b"]
    third: list[str | None] = []
    waiting = threading.Thread(target=lambda: third.append(agenda.take()))
    waiting.start()
    assert third == []
    agenda.release("a")
    waiting.join()
    assert third == ["c"]
