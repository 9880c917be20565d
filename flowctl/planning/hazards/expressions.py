"""The names that the expressions of a flow use, with their places. A text is taken apart once a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.references import Reference, names_in
from flowctl.planning.hazards.sighting import Path

_HUGE = 200_000


@dataclass(frozen=True, slots=True)
class Use:
    """A name that an expression uses, and the path of the text that it stands in."""

    at: Path
    reference: Reference


def uses(flow: object) -> Iterator[Use]:
    """Every use of a name in the texts of a flow. Expressions that do not parse are the business of other checks."""
    for at, text in texts(flow):
        if len(text) > _HUGE or ("{{" not in text and "{%" not in text):
            continue
        try:
            found = names_in(text)
        except ExpressionError:
            continue
        yield from (Use(at, reference) for reference in found)


def texts(value: object, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a flow, with its path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*at, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*at, index))
