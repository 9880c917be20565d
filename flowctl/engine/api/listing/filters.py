"""The filter syntax of listings: `filters[FIELD][OPERATION]=value`, for labels with a key as well.

Kestra 2.0 nests them: `filters[or][0][FIELD][OPERATION]=…` and `filters[and][1][or][0][FIELD][OPERATION]=…`. What
has the same number stands together and must all hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flowctl.engine.api.http.problems import Problem

MOST_FILTERS = 100
_STEP = r"\[(?:and|or)\]\[\d{1,4}\]"
_NAME = re.compile(rf"filters((?:{_STEP}){{0,2}})\[([A-Za-z]+)\]\[([A-Z_]+)\](?:\[(.*)\])?", re.DOTALL)


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


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which one must hold (`any_of`), or all."""

    any_of: bool
    members: tuple[Condition, ...]


Condition = Filter | Group


def leaves(found: Iterable[Condition]) -> Iterator[Filter]:
    """The single filters, those inside groups as well."""
    for item in found:
        if isinstance(item, Group):
            yield from leaves(item.members)
        else:
            yield item


def parse_filters(query: Iterable[tuple[str, str]], fields: Fields) -> tuple[Condition, ...]:
    """The filters of a query, in its order, all of which must hold. `fields` says which fields a listing has, with
    which operations.

    Raises:
        Problem: 422 (as both generations were seen to answer), an unknown field, operation or form, or too many.
    """
    named = [(name, value) for name, value in query if name.startswith("filters[")]
    if len(named) > MOST_FILTERS:
        raise _wrong(f"at most {MOST_FILTERS} filters, found {len(named)}")
    root = _Together()
    for name, value in named:
        steps, found = _parse(name, value, fields)
        root.at(steps).filters.append(found)
    return root.conditions()


@dataclass(slots=True)
class _Together:
    """Filters that stand at the same place, and the places below: by `and` or `or`, then by number."""

    filters: list[Filter] = field(default_factory=list)
    below: dict[str, dict[int, _Together]] = field(default_factory=dict)

    def at(self, steps: Iterable[tuple[str, int]]) -> _Together:
        here = self
        for word, number in steps:
            here = here.below.setdefault(word, {}).setdefault(number, _Together())
        return here

    def conditions(self) -> tuple[Condition, ...]:
        groups = (Group(word == "or", tuple(map(_Together.one, found.values()))) for word, found in self.below.items())
        return (*self.filters, *groups)

    def one(self) -> Condition:
        found = self.conditions()
        return found[0] if len(found) == 1 else Group(False, found)


def _parse(name: str, value: str, fields: Fields) -> tuple[list[tuple[str, int]], Filter]:
    """The way to a filter's place, and the filter."""
    match = _NAME.fullmatch(name)
    if not match:
        raise _wrong(f"{name!r} is not filters[field][OPERATION], nor that in one or two of filters[or][number]")
    steps, found, word, key = match.groups()
    if found not in fields:
        raise _wrong(f"no filter for {found!r} here; one of {', '.join(sorted(fields))}")
    if word not in Op.__members__ or Op(word) not in fields[found]:
        raise _wrong(f"{found!r} cannot be filtered by {word!r}; one of {', '.join(sorted(fields[found]))}")
    if (found == "labels") != (key is not None):
        raise _wrong(f"{name!r}: labels need a key, filters[labels][{word}][key], other fields have none")
    way = [(step, int(number)) for step, number in re.findall(r"(and|or)\]\[(\d+)", steps)]
    return way, Filter(found, Op(word), value, key)


def _wrong(detail: str) -> Problem:
    return Problem(422, "invalid-query-filters", detail)
