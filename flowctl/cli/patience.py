"""What is done about a block of work that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def when_slow(act: Callable[[], None], after: float) -> Iterator[None]:
    """Calls `act` in another thread once the block takes longer than `after` seconds.

    At the end of the block it either has been called and is over, or it never will be.
    """
    from threading import Timer

    timer = Timer(after, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
