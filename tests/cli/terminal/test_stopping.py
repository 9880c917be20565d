"""Signals during an apply."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flowctl.cli.console import Console
from flowctl.cli.terminal.stopping import SIGNALS, stop_on_signals


@pytest.mark.parametrize("number", SIGNALS, ids=lambda one: one.name)
def test_the_first_signal_stops_and_the_second_leaves(number: signal.Signals) -> None:
    err = io.StringIO()
    with heeded(number), stop_on_signals(Console(io.StringIO(), err, {}), "prod") as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(10)
        assert "Stopping: what is in flight is finished and recorded." in err.getvalue()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert "`flowctl plan prod` shows it" in err.getvalue()


@contextmanager
def heeded(number: signal.Signals) -> Iterator[None]:
    """Have a signal taken, also where the tests themselves run with it ignored, as below `nohup`; and have it handled
    as before afterwards."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_what_is_ignored_goes_on_being_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals(Console(io.StringIO(), io.StringIO(), {}), "prod") as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
