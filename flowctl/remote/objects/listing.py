"""Paged listings of Kestra's API, by namespace pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.remote.http import failures
from flowctl.remote.http.transport import Transport

PAGE = 1000
MOST_PAGES = 1000
GLOB = "*?["


def namespace_filter(pattern: str) -> dict[str, str]:
    """The filter for a namespace pattern: itself and all below it; of a glob only its fixed beginning is asked for."""
    cut = min((pattern.index(sign) for sign in GLOB if sign in pattern), default=None)
    if cut is None:
        return {"filters[namespace][PREFIX]": pattern}
    return {"filters[namespace][STARTS_WITH]": pattern[:cut]} if cut else {}


def rows(transport: Transport, path: str, pattern: str, sort: str) -> Iterator[Mapping[str, object]]:
    """Every row of a listing for a namespace pattern, page after page."""
    return filtered_rows(transport, path, namespace_filter(pattern), sort)


def filtered_rows(
    transport: Transport, path: str, wanted: Mapping[str, str], sort: str
) -> Iterator[Mapping[str, object]]:
    """Every row of a listing that the filters want, page after page.

    Raises:
        ServerUnreachable: S210, the answer is no listing.
    """
    for page in range(1, MOST_PAGES + 1):
        params = {"page": str(page), "size": str(PAGE), "sort": sort, **wanted}
        answer = transport.get(transport.tenant(path), params=params)
        found = answer.mapping().get("results")
        if not isinstance(found, list):
            raise failures.odd_shape(answer.asked, "a listing without `results`")
        for row in found:
            if not isinstance(row, dict):
                raise failures.odd_shape(answer.asked, f"a row that is no object but {type(row).__name__}")
            yield row
        if len(found) < PAGE:
            return
