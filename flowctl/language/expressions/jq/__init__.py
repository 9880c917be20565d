"""A jq interpreter that counts its steps, for the `jq` filter."""

from __future__ import annotations

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.formats.jsontext import read_json
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.values import class_name


def run_jq(run: Run, value: object, program: str) -> list[object]:
    """The results of a program over a value; a text is read as JSON first.

    Raises ExpressionError for a text that is no JSON, a program that cannot be read, and errors that the program
    raises and does not catch.
    """
    from flowctl.language.expressions.jq.evaluate import run_program

    return run_program(run, program, _json(run, value))


def _json(run: Run, value: object) -> object:
    """The value as plain JSON data, which also cuts it loose from the caller's."""
    source = value if isinstance(value, str) else run.json(value)
    try:
        return read_json(source) if source.strip() else None
    except ExpressionError:
        raise ExpressionError(
            f"Unable to parse jq value '{source[:100]}' with type '{class_name(value)}'",
            hint="the input is a map, a list, a number or JSON text",
        ) from None
