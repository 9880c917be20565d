"""Pages and sorting of listings: `page` from 1, `size` 10, `sort=field:asc`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowctl.engine.api.http.problems import illegal_argument, invalid_parameter
from flowctl.engine.api.http.request import ApiRequest

DEFAULT_SIZE = 10
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a listing. `sort` are `(field, ascending)` pairs as the client named them."""

    number: int
    size: int
    sort: tuple[tuple[str, bool], ...] = ()

    @property
    def offset(self) -> int:
        """How many rows come before."""
        return (self.number - 1) * self.size

    def order(self, columns: Mapping[str, str], default: str) -> str:
        """An `ORDER BY` clause from the fields that may be sorted by, and their columns.

        Raises:
            Problem: 422, another field.
        """
        parts = []
        for name, ascending in self.sort:
            if name not in columns:
                raise illegal_argument(f"cannot sort by {name!r}; one of {', '.join(sorted(columns))}")
            parts.append(f"{columns[name]} {'ASC' if ascending else 'DESC'}")
        return " ORDER BY " + ", ".join([*parts, default])


def page_of(request: ApiRequest, *, default_size: int = DEFAULT_SIZE) -> Page:
    """The page that a request asks for.

    Raises:
        Problem: 422, `page` or `size` below 1, a size past `MOST`, or a sort without exactly one colon.
    """
    number = request.integer("page", 1, minimum=1) or 1
    size = request.integer("size", default_size, minimum=1) or default_size
    if size > MOST:
        raise invalid_parameter("size", f"must be less than or equal to {MOST}")
    return Page(number, size, tuple(_sort(text) for text in request.query_params.getlist("sort")))


def _sort(text: str) -> tuple[str, bool]:
    name, separator, direction = text.partition(":")
    if not separator or not name or ":" in direction:
        raise illegal_argument(f"Invalid sort parameter: {text!r}; write field:asc or field:desc")
    return name, direction.lower() == "asc"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of rows and how many there are in all; past the end a real server says 0 (seen)."""

    rows: list[tuple[Any, ...]]  # columns differ per listing
    total: int


def fetch(
    connection: sqlite3.Connection, columns: str, source: str, values: Sequence[object], order: str, page: Page
) -> Found:
    """The rows of a page. `source` is all that follows `FROM`, with its `WHERE`."""
    (total,) = connection.execute(f"SELECT count(*) FROM {source}", values).fetchone()
    rows = connection.execute(
        f"SELECT {columns} FROM {source}{order} LIMIT ? OFFSET ?", (*values, page.size, page.offset)
    ).fetchall()
    return Found(rows, total if rows else 0)
