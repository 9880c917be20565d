"""Which triggers a request's filters mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest
from flowctl.engine.api.listing import filters
from flowctl.engine.api.listing.conditions import Where, add_all, add_query, add_scope, add_text, add_time
from flowctl.engine.api.listing.filters import Filter, Op

FIELDS: filters.Fields = {
    "q": filters.EITHER,
    "scope": filters.EITHER,
    "namespace": filters.TEXT,
    "flowId": filters.TEXT,
    "triggerId": filters.TEXT,
    "workerId": filters.TEXT,
    "triggerState": filters.EITHER,
    "startDate": filters.DATE,
    "endDate": filters.DATE,
    "nextExecutionDate": filters.DATE,
    "lastTriggeredDate": filters.DATE,
    "locked": filters.EITHER,
}
TEXTS = {"namespace": "namespace", "flowId": "flow_id", "triggerId": "trigger_id", "workerId": "NULL"}
DATES = {"NEXT_EXECUTION_DATE": "next_ms", "LAST_TRIGGERED_DATE": "last_ms"}


def filtered(request: ApiRequest, more: Sequence[tuple[str, str]] = ()) -> Where:
    """The conditions of a request's filters, and of others that are written alike. `dateFilter` says which date
    `startDate` and `endDate` are about.

    Raises:
        Problem: 422, a filter that cannot be.
    """
    about = request.query_params.get("dateFilter", "NEXT_EXECUTION_DATE")
    if about not in DATES:
        raise illegal_argument(f"dateFilter must be one of {', '.join(DATES)}, found {about!r}")
    found = filters.parse_filters([*request.query_params.multi_items(), *more], FIELDS)
    if not found and request.context.dialect.old_search:
        found = tuple(_old_filters(request))
    where = Where()
    add_all(where, found, lambda where, item: _add(where, item, DATES[about]))
    return where


def _old_filters(request: ApiRequest) -> Iterator[Filter]:
    """The parameters of before `filters`."""
    for name, op in (("q", Op.EQUALS), ("namespace", Op.PREFIX), ("flowId", Op.EQUALS), ("workerId", Op.EQUALS)):
        if request.query_params.get(name):
            yield Filter(name, op, request.query_params[name])


def _add(where: Where, item: Filter, date: str) -> None:
    if item.field == "q":
        add_query(where, ("trigger_id", "flow_id", "namespace"), item)
    elif item.field == "scope":
        add_scope(where, "namespace", item)
    elif item.field == "triggerState":
        if item.value not in ("ENABLED", "DISABLED"):
            raise illegal_argument(f"triggerState must be ENABLED or DISABLED, found {item.value!r}")
        wanted = (item.value == "DISABLED") != item.negative
        where.add("disabled OR off_in_text" if wanted else "NOT (disabled OR off_in_text)")
    elif item.field == "locked":
        locked = (item.value == "true") != item.negative
        where.add(f"execution_id IS {'NOT ' if locked else ''}NULL")
    elif item.field in TEXTS:
        add_text(where, TEXTS[item.field], item)
    else:
        add_time(where, {"nextExecutionDate": "next_ms", "lastTriggeredDate": "last_ms"}.get(item.field, date), item)
