"""A way for tests to kill the process at an exact commit; does nothing unless they ask for it twice.

`FLOWCTL_TEST_FAULTS=1` with `FLOWCTL_FAULT=before-commit:N` or `after-commit:N` ends the process without any clean-up
at the N-th commit (from 1) of a request's writes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

from flowctl.errors import ServerError


class Faults:
    """Counts commits and kills at the one that was named."""

    def __init__(self, point: str = "", number: int = 0) -> None:
        self._point, self._number, self._count = point, number, 0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Faults:
        """The fault that the environment names, or none.

        Raises:
            ServerError: `FLOWCTL_FAULT` is not `before-commit:N` or `after-commit:N`.
        """
        text = environ.get("FLOWCTL_FAULT", "")
        if environ.get("FLOWCTL_TEST_FAULTS") != "1" or not text:
            return cls()
        point, _, number = text.partition(":")
        if point not in ("before-commit", "after-commit") or not number.isdigit():
            raise ServerError.of("S309", f"FLOWCTL_FAULT is {text!r}", hint="write before-commit:N or after-commit:N")
        return cls(point, int(number))

    def before_commit(self) -> None:
        """Called when a transaction is about to be committed."""
        self._count += 1
        self._strike("before-commit")

    def after_commit(self) -> None:
        """Called when a transaction is on disk and nobody was told yet."""
        self._strike("after-commit")

    def _strike(self, point: str) -> None:
        if point == self._point and self._count == self._number:
            os.kill(os.getpid(), signal.SIGKILL)
