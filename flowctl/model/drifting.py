"""What the server has that nobody applied: the answer of `flowctl drift`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowctl.model.live import ServerIdentity
from flowctl.model.plan import Content, Drift


@dataclass(frozen=True, slots=True)
class DriftedObject:
    """One drifted object with its two sides: as it was applied, and as it is now.

    A side is None when there is nothing, or, for `applied`, when its text is nowhere to be found any more.
    """

    drift: Drift
    applied: Content | None
    live: Content | None


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The drift of one environment.

    `ignored` counts differences that `policy.ignore` leaves alone, `pending` what apply would write besides: changes
    of the files that were not applied yet.
    """

    environment: str
    server: ServerIdentity
    checked_at: datetime
    objects: tuple[DriftedObject, ...]
    ignored: int = 0
    pending: int = 0
    unmanaged: int = 0

    @property
    def clean(self) -> bool:
        """Whether apply would write nothing."""
        return not self.objects and not self.pending
