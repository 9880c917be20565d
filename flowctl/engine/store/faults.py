"""A way for tests to kill the process at an exact commit; does nothing unless they ask for it twice.

`FLOWCTL_TEST_FAULTS=1` with `FLOWCTL_FAULT=before-commit:N` or `after-commit:N` ends the process without any clean-up
at the N-th commit (from 1) that holds a request's write; commits of the engine's own work are not counted, so that N
means the same in every run. `before-any-commit:N` and `after-any-commit:N` count every commit.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

from flowctl.errors import ServerError

POINTS = ("before-commit", "after-commit", "before-any-commit", "after-any-commit")


class Faults:
    """Counts commits and kills at the one that was named."""

    def __init__(self, point: str = "", number: int = 0) -> None:
        self._moment, _, rest = point.partition("-")
        self._any, self._number, self._count = rest.startswith("any-"), number, 0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Faults:
        """The fault that the environment names, or none.

        Raises:
            ServerError: `FLOWCTL_FAULT` is none of `POINTS` with a number.
        """
        text = environ.get("FLOWCTL_FAULT", "")
        if environ.get("FLOWCTL_TEST_FAULTS") != "1" or not text:
            return cls()
        point, _, number = text.partition(":")
        if point not in POINTS or not number.isdigit():
            raise ServerError.of(
                "S309", f"FLOWCTL_FAULT is {text!r}", hint=f"write one of {', '.join(POINTS)}, then :N"
            )
        return cls(point, int(number))

    def before_commit(self, requested: bool) -> None:
        """A transaction is about to be committed; `requested` when it holds a request's write."""
        if requested or self._any:
            self._count += 1
            self._strike("before")

    def after_commit(self, requested: bool) -> None:
        """A transaction is on disk and nobody was told yet."""
        if requested or self._any:
            self._strike("after")

    def _strike(self, moment: str) -> None:
        if moment == self._moment and self._count == self._number:
            os.kill(os.getpid(), signal.SIGKILL)
