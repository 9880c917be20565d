"""Noticing that the wall clock was set forward, or that the machine slept: pure, both clocks are arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

TOLERANCE = timedelta(seconds=30)
"""A date within a smaller step is late, not missed."""


class Leaps:
    """Compares the wall clock with one that counts seconds and cannot be set."""

    def __init__(self, wall: datetime, steady: float) -> None:
        self._wall, self._steady = wall, steady

    def forward(self, wall: datetime, steady: float) -> timedelta | None:
        """How far the wall clock leapt forward since the last look, when that is more than the tolerance.

        Dates within a leap were missed, as those are while no server runs. After a step back there is nothing to do:
        a date that has fired does not fire again when it comes once more.
        """
        leap = (wall - self._wall) - timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        return leap if leap > TOLERANCE else None
