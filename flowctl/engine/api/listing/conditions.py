"""Filters as conditions of SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flowctl.engine.api.http.problems import Problem, illegal_argument
from flowctl.engine.api.listing.filters import Condition, Filter, Group, Op

MOST_PATTERN = 200
MOST_REPEATS = 3
COMPARE = {
    Op.EQUALS: "=",
    Op.NOT_EQUALS: "<>",
    Op.GREATER_THAN: ">",
    Op.LESS_THAN: "<",
    Op.GREATER_THAN_OR_EQUAL_TO: ">=",
    Op.LESS_THAN_OR_EQUAL_TO: "<=",
}


@dataclass(slots=True)
class Where:
    """Conditions that must all hold, with their parameters."""

    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, part: str, *values: object) -> None:
        """One more condition."""
        self.parts.append(part)
        self.values.extend(values)

    @property
    def clause(self) -> str:
        """The `WHERE` clause, empty without conditions."""
        return " WHERE " + " AND ".join(f"({part})" for part in self.parts) if self.parts else ""


def add_all(where: Where, found: Iterable[Condition], add: Callable[[Where, Filter], None]) -> None:
    """Every condition, groups as one part each. `add` puts a single filter into a `Where` as one part."""
    for item in found:
        if not isinstance(item, Group):
            add(where, item)
            continue
        inner = Where()
        add_all(inner, item.members, add)
        where.add((" OR " if item.any_of else " AND ").join(f"({part})" for part in inner.parts), *inner.values)


def add_text(where: Where, column: str, found: Filter) -> None:
    """A condition on a text column: every operation of `filters.TEXT`. The store's namespaces and ids are ASCII."""
    value = found.value
    if found.op in (Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN):
        marks = ", ".join("?" for _ in found.values)
        where.add(f"{column} {'NOT IN' if found.negative else 'IN'} ({marks})", *found.values)
    elif found.op is Op.CONTAINS:
        where.add(f"instr(lower({column}), lower(?)) > 0", value)
    elif found.op is Op.STARTS_WITH:
        where.add(f"substr({column}, 1, length(?)) = ?", value, value)
    elif found.op is Op.ENDS_WITH:
        where.add(f"length(?) = 0 OR substr({column}, -length(?)) = ?", value, value, value)
    elif found.op is Op.PREFIX:
        where.add(f"{column} = ? OR substr({column}, 1, length(?) + 1) = ? || '.'", value, value, value)
    else:
        where.add(f"{column} REGEXP ?", safe_pattern(value))


def add_numbers(where: Where, column: str, found: Filter) -> None:
    """A condition on a column of whole numbers: every operation of `filters.ONE_OF`.

    Raises:
        Problem: 422, a value is no number that a column can hold.
    """
    odd = next((value for value in found.values if not re.fullmatch(r"-?\d{1,18}", value.strip())), None)
    if odd is not None:
        raise illegal_argument(f"{found.field} must be a number, found {odd!r}")
    marks = ", ".join("?" for _ in found.values)
    where.add(f"{column} {'NOT IN' if found.negative else 'IN'} ({marks})", *map(int, found.values))


def add_query(where: Where, columns: Sequence[str], found: Filter) -> None:
    """Free text: in one of the columns, whatever the case; `*` and nothing mean all."""
    if found.value in ("", "*"):
        where.add("0" if found.negative else "1")
        return
    hits = " OR ".join(f"instr(lower({column}), lower(?)) > 0" for column in columns)
    where.add(f"NOT ({hits})" if found.negative else hits, *(found.value for _ in columns))


def add_label(where: Where, column: str, found: Filter) -> None:
    """A condition on a column that holds labels as a JSON object."""
    value = "value = ?" if found.op is not Op.CONTAINS else "instr(lower(value), lower(?)) > 0"
    hits = " OR ".join(value for _ in found.values)
    exists = f"EXISTS (SELECT 1 FROM json_each({column}) WHERE key = ? AND ({hits}))"
    where.add(f"NOT {exists}" if found.negative else exists, found.key, *(text.strip() for text in found.values))


def add_time(where: Where, column: str, found: Filter) -> None:
    """A condition on a column of milliseconds.

    Raises:
        Problem: 422, the value is not an ISO-8601 date-time.
    """
    where.add(f"{column} {COMPARE[found.op]} ?", milliseconds(found.value))


def add_scope(where: Where, column: str, found: Filter) -> None:
    """USER or SYSTEM, or both with a comma: whether the namespace is `system` or below it.

    Raises:
        Problem: 422, another word.
    """
    wanted = set(found.value.split(","))
    if not wanted <= {"USER", "SYSTEM"}:
        raise illegal_argument(f"scope must be USER or SYSTEM, found {found.value!r}")
    system = f"{column} = 'system' OR substr({column}, 1, 7) = 'system.'"
    if len(wanted) == 2:
        where.add("0" if found.negative else "1")
    else:
        where.add(system if (wanted == {"SYSTEM"}) != found.negative else f"NOT ({system})")


def milliseconds(text: str) -> int:
    """An ISO-8601 date-time as milliseconds since 1970; without a zone it is UTC.

    Raises:
        Problem: 422, it is not one.
    """
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise illegal_argument(f"not an ISO-8601 date: {text!r}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def time_ago_us(now_ms: int, text: str) -> int:
    """The moment that lies an ISO-8601 duration back from now, in microseconds since 1970.

    Raises:
        Problem: 422, it is no duration.
    """
    from flowctl.engine.executor.records.durations import micros

    try:
        return now_ms * 1000 - micros(text)
    except ValueError as error:
        raise illegal_argument(str(error)) from None


def safe_pattern(pattern: str) -> str:
    """A regular expression that cannot run away on a text of at most 150 characters.

    Raises:
        Problem: 422, it is broken, long, or repeats a group or repeats too often.
    """
    plain = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "c", pattern)
    repeats = len(re.findall(r"[*+]|\{\d+,\d*\}|\{\d{2,}\}", plain))
    if len(pattern) > MOST_PATTERN or repeats > MOST_REPEATS or re.search(r"\)[*+{]|\(\?|\\\d", plain):
        raise Problem(422, "invalid-query-filters", f"the regular expression {pattern[:60]!r} is too complex")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise Problem(422, "invalid-query-filters", f"not a regular expression: {error}") from None
    return pattern
