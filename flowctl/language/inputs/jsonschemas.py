"""JSON Schemas that flows bring along: no reference leaves the schema, no pattern runs away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flowctl.language.expressions.errors import ExpressionError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

# The library's own types are those of its stubs: any JSON value, and a validator class made at run time.
Json = Any


class UnusableSchema(ValueError):
    """The schema is none, refers to something outside itself, or takes too long."""


def misfits(schema: Json, value: object) -> list[str]:
    """Why a value does not fit a schema, `place: reason` each; empty when it fits.

    Raises:
        UnusableSchema: nobody can tell.
    """
    from jsonschema.exceptions import ValidationError

    library = _library()
    kind = _guarded(library.validator_for(schema))
    try:
        kind.check_schema(schema)
        # The registry of the specifications alone: without it the library would fetch references over the network.
        problems = sorted(kind(schema, registry=library.SPECIFICATIONS).iter_errors(value), key=_place)
    except ValidationError as error:
        raise UnusableSchema(error.message) from None
    except ExpressionError as error:
        raise UnusableSchema(str(error)) from None
    except Exception as error:
        # The library lets through what its parts raise: unresolvable references, recursion, odd keywords.
        raise UnusableSchema(f"{type(error).__name__}: {error}") from None
    return [f"{problem.json_path}: {problem.message}" for problem in problems]


def _place(problem: ValidationError) -> str:
    return problem.json_path


def _library() -> Json:
    from jsonschema import validators

    return validators


@lru_cache(maxsize=8)
def _guarded(kind: Json) -> Json:
    """A validator class whose patterns have a time limit."""
    return _library().extend(
        kind,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
        },
    )


def _found(pattern: str, text: str) -> bool:
    from flowctl.language.expressions.java import regex as javaregex

    return javaregex.search(pattern, text) is not None


def _pattern(_validator: Json, pattern: str, value: Json, _schema: Json) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not _found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Json, patterns: Json, value: Json, _schema: Json) -> Iterator[ValidationError]:
    for pattern, schema in patterns.items() if isinstance(value, dict) else ():
        for name, held in value.items():
            if _found(pattern, name):
                yield from validator.descend(held, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Json, wanted: Json, value: Json, schema: Json) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    extra = [
        name
        for name in value
        if name not in schema.get("properties", {}) and not any(_found(p, name) for p in patterns)
    ]
    if isinstance(wanted, dict):
        for name in extra:
            yield from validator.descend(value[name], wanted, path=name)
    elif wanted is False and extra:
        yield ValidationError(f"Additional properties are not allowed: {', '.join(map(repr, extra))}")
