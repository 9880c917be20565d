"""Something is done about a block that takes long, and nothing about one that does not."""

from __future__ import annotations

from threading import Event

import pytest

from flowctl.cli.patience import when_slow


def test_a_slow_block_has_it_done() -> None:
    done = Event()
    with when_slow(done.set, after=0):
        assert done.wait(30)


def test_what_has_begun_is_over_at_the_end_of_the_block() -> None:
    begun, told, ended = Event(), Event(), Event()

    def act() -> None:
        begun.set()
        told.wait(30)
        ended.set()

    with when_slow(act, after=0):
        assert begun.wait(30)
        told.set()
    assert ended.is_set()


def test_a_quick_block_has_nothing_done_even_when_it_fails() -> None:
    done = Event()
    with pytest.raises(OSError, match="no answer"), when_slow(done.set, after=3600):
        raise OSError("no answer")
    assert not done.is_set()
