"""What a plan needs once it has an answer is imported while a slow server works on that answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from flowctl.cli.patience import when_slow

AFTER_SECONDS = 0.15
"""Slower than a server that is not busy: beside an answer that is coming in, imports would be in its way."""
PLANNING = (
    "flowctl.planning.build",
    "flowctl.planning.hazards.check",
    "flowctl.flowtext.document",
    "flowctl.planning.impact.attaching",
    "flowctl.views.plans.text",
)


def imported_meanwhile(modules: Sequence[str] = PLANNING, after: float = AFTER_SECONDS) -> AbstractContextManager[None]:
    """Imports modules in another thread once the block takes longer than `after` seconds; all or none at its end.

    Never beside the imports of what follows: two threads that import modules which need each other may see half of one.
    """
    from importlib import import_module

    def load() -> None:
        for name in modules:
            import_module(name)

    return when_slow(load, after)
