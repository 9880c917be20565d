"""Outputs of a flow by their declared types."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.inputs.convert import convert
from flowctl.language.inputs.errors import InputError
from flowctl.model.environment import Dialect


def type_output(declared: Mapping[str, object], rendered: object, dialect: Dialect = "2.0") -> object:
    """The value of one declared output, from its rendered `value` (text, or a structure of rendered texts).

    None for a value that is not there; whether it may be missing is the caller's to say (`required`).

    Raises:
        InputError: the value is not of the output's type.
    """
    kind = str(declared.get("type", "STRING"))
    if kind == "EMAIL":  # which servers look at in inputs alone
        kind = "STRING"
    if rendered is None or (rendered == "" and kind == "ARRAY"):
        return None
    try:
        return convert(kind, rendered, dialect=dialect)
    except InputError as error:
        raise InputError(f"Invalid value for output `{declared.get('id')}`. Cause: {error.cause}", bare=True) from None
