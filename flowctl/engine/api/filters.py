"""The filter syntax of listings: `filters[FIELD][OPERATION]=value`, for labels with a key as well (API sheet 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flowctl.engine.api.problems import Problem

MOST_FILTERS = 100
_NAME = re.compile(r"filters\[([A-Za-z]+)\]\[([A-Z_]+)\](?:\[(.*)\])?", re.DOTALL)


class Op(StrEnum):
    """What a value is held against."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    CONTAINS = "CONTAINS"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    REGEX = "REGEX"
    IN = "IN"
    NOT_IN = "NOT_IN"
    PREFIX = "PREFIX"
    GREATER_THAN = "GREATER_THAN"
    LESS_THAN = "LESS_THAN"
    GREATER_THAN_OR_EQUAL_TO = "GREATER_THAN_OR_EQUAL_TO"
    LESS_THAN_OR_EQUAL_TO = "LESS_THAN_OR_EQUAL_TO"


EITHER = frozenset({Op.EQUALS, Op.NOT_EQUALS})
ONE_OF = EITHER | {Op.IN, Op.NOT_IN}
TEXT = ONE_OF | {Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.REGEX, Op.PREFIX}
LABELS = ONE_OF | {Op.CONTAINS}
DATE = EITHER | {Op.GREATER_THAN, Op.LESS_THAN, Op.GREATER_THAN_OR_EQUAL_TO, Op.LESS_THAN_OR_EQUAL_TO}

Fields = Mapping[str, frozenset[Op]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; all of a request's must hold. `key` is a label's."""

    field: str
    op: Op
    value: str
    key: str | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The parts of a comma list, for IN and NOT_IN; a single value otherwise."""
        return tuple(self.value.split(",")) if self.op in (Op.IN, Op.NOT_IN) else (self.value,)

    @property
    def negative(self) -> bool:
        """Whether it keeps what does not match."""
        return self.op in (Op.NOT_EQUALS, Op.NOT_IN)


def parse_filters(query: Iterable[tuple[str, str]], fields: Fields) -> tuple[Filter, ...]:
    """The filters of a query, in its order. `fields` says which fields a listing has, with which operations.

    Raises:
        Problem: 422 (as both generations were seen to answer), an unknown field, operation or form, or too many.
    """
    found = [_parse(name, value, fields) for name, value in query if name.startswith("filters[")]
    if len(found) > MOST_FILTERS:
        raise _wrong(f"at most {MOST_FILTERS} filters, found {len(found)}")
    return tuple(found)


def _parse(name: str, value: str, fields: Fields) -> Filter:
    match = _NAME.fullmatch(name)
    if not match:
        raise _wrong(f"{name!r} is not filters[field][OPERATION]")
    field, word, key = match.groups()
    if field not in fields:
        raise _wrong(f"no filter for {field!r} here; one of {', '.join(sorted(fields))}")
    if word not in Op.__members__ or Op(word) not in fields[field]:
        raise _wrong(f"{field!r} cannot be filtered by {word!r}; one of {', '.join(sorted(fields[field]))}")
    if (field == "labels") != (key is not None):
        raise _wrong(f"{name!r}: labels need a key, filters[labels][{word}][key], other fields have none")
    return Filter(field, Op(word), value, key)


def _wrong(detail: str) -> Problem:
    return Problem(422, "invalid-query-filters", detail)
