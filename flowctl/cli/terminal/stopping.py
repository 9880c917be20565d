"""Ctrl-C during an apply: once to finish what is in flight, twice to leave at once.

The end of a terminal (SIGHUP, as when a connection over SSH breaks) counts like Ctrl-C, unless it is ignored (nohup).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flowctl.cli.console import Console

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_on_signals(console: Console, environment: str) -> Iterator[threading.Event]:
    """An event that the first of the signals sets; the second raises KeyboardInterrupt."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            console.say(
                f"\nLeft at once. What was in flight may have been written: `flowctl plan {environment}` shows it."
            )
            raise KeyboardInterrupt
        stop.set()
        console.say("\nStopping: what is in flight is finished and recorded. Once more to leave at once.")

    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [number for number in SIGNALS if number is not signal.SIGHUP or not ignored]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
