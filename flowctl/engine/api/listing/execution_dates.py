"""Which dates of an execution the filters by time are about."""

from __future__ import annotations

from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.listing.conditions import COMPARE, Where, milliseconds, time_ago_us
from flowctl.engine.api.listing.filters import Filter

TIMES = frozenset({"startDate", "endDate", "timeRange"})
"""The filters by time."""
DATES: dict[str, tuple[str, ...]] = {
    "START_DATE": ("created_us",),
    "END_DATE": ("ended_us",),
    "START_OR_END_DATE": ("created_us", "ended_us"),
}
"""The columns that each value of `dateFilter` means."""


def dates_of(request: ApiRequest) -> tuple[str | None, ...]:
    """The columns that filters by time are about; None: each about the date that it is named after.

    Raises:
        Problem: 422, `dateFilter` names no date.
    """
    about = request.query_params.get("dateFilter")
    if not about or request.context.dialect.old_search:
        return (None,)
    if about not in DATES:
        raise illegal_argument(f"dateFilter must be one of {', '.join(DATES)}, found {about!r}")
    return DATES[about]


def add_time(where: Where, item: Filter, request: ApiRequest, date: str | None) -> None:
    """A condition of one of `TIMES`, on the column `date` when that is given."""
    column = date or ("ended_us" if item.field == "endDate" else "created_us")
    if item.field == "timeRange":
        where.add(f"{column} {'<' if item.negative else '>='} ?", time_ago_us(request.context.store.now_ms, item.value))
        return
    where.add(f"{column} {COMPARE[item.op]} ?", milliseconds(item.value) * 1000)
