"""What a plan needs once it has an answer is imported while a slow server works on that answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

AFTER_SECONDS = 0.15
"""Slower than a server that is not busy: beside an answer that is coming in, imports would be in its way."""
PLANNING = (
    "flowctl.planning.build",
    "flowctl.planning.hazards.check",
    "flowctl.flowtext.document",
    "flowctl.planning.impact.attaching",
    "flowctl.views.plans.text",
)


@contextmanager
def imported_meanwhile(modules: Sequence[str] = PLANNING, after: float = AFTER_SECONDS) -> Iterator[None]:
    """Imports modules in another thread once the block takes longer than `after` seconds; all or none at its end."""
    from importlib import import_module
    from threading import Timer

    def load() -> None:
        for name in modules:
            import_module(name)

    timer = Timer(after, load)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # two threads that import modules which need each other may see half of one
