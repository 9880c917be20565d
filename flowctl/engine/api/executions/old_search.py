"""Search parameters of before the filter syntax."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.listing.conditions import milliseconds
from flowctl.engine.api.listing.filters import Filter, Op

SIMPLE = {
    "q": ("q", Op.EQUALS),
    "namespace": ("namespace", Op.PREFIX),
    "flowId": ("flowId", Op.EQUALS),
    "triggerExecutionId": ("triggerExecutionId", Op.EQUALS),
    "childFilter": ("childFilter", Op.EQUALS),
    "startDate": ("startDate", Op.GREATER_THAN_OR_EQUAL_TO),
    "endDate": ("endDate", Op.LESS_THAN_OR_EQUAL_TO),
    "timeRange": ("timeRange", Op.EQUALS),
}


def old_filters(request: ApiRequest) -> Iterator[Filter]:
    """The old parameters as filters.

    Raises:
        Problem: 422, dates that contradict each other.
    """
    query = request.query_params
    _check_dates(query.get("startDate"), query.get("endDate"), query.get("timeRange"))
    for name, (field, op) in SIMPLE.items():
        value = query.get(name)
        if value:
            yield Filter(field, op, value)
    states = query.getlist("state")
    if states:
        yield Filter("state", Op.IN, ",".join(states))
    for label in query.getlist("labels"):
        key, _, value = label.partition(":")
        yield Filter("labels", Op.EQUALS, value, key)


def _check_dates(start: str | None, end: str | None, length: str | None) -> None:
    if start and length:
        raise illegal_argument("Parameters 'startDate' and 'timeRange' are mutually exclusive")
    if start and end and milliseconds(start) > milliseconds(end):
        raise illegal_argument("Start date must be before End Date")
