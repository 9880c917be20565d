"""JSON Schema errors as sentences with a place.

A schema names the code of a value's problem in `x-code` and what would be right in `x-expected`; `x-secret` keeps the
value out of the message: always (true), or when a pattern is found in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from flowctl.flowtext.places import format_place
from flowctl.flowtext.plain import kind_of, shown
from flowctl.loading.problems import Problems
from flowctl.loading.suggesting import suggestion

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from flowctl.flowtext.document import Document, Path

_CREDENTIALS = frozenset(("token", "username", "password", "user", "api_key", "apikey", "secret"))


@cache
def load_schema(name: str) -> Mapping[str, object]:
    """The published schema of that name."""
    text = (files("flowctl") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    return cast("Mapping[str, object]", json.loads(text))


def check_schema(document: Document, name: str, path: str, problems: Problems) -> None:
    """Note every violation of a schema."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(load_schema(name))
    for error in validator.iter_errors(document.value):
        at = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            _unknown_keys(document, at, error, path, problems)
        elif error.validator == "required":
            _missing(document, at, error, path, problems)
        else:
            _wrong_value(document, at, error, path, problems)


def _unknown_keys(document: Document, at: Path, error: ValidationError, path: str, problems: Problems) -> None:
    known = list(_properties(error))
    for key in error.instance if isinstance(error.instance, dict) else ():
        if key in known:
            continue
        where = document.key_position((*at, key))
        place = format_place(document.value, (*at, key))
        if key.lower() in _CREDENTIALS and "token_env" in known:
            summary = f"`{place}` would hold a credential in a file"
            hint = "name the environment variable that holds it: token_env, or username_env and password_env"
            problems.add("F109", summary, path=path, at=(where.line, where.column), hint=hint, place=place)
            continue
        hint = suggestion(key, known, f"known keys: {', '.join(known)}")
        problems.add("F106", f"unknown key `{place}`", path=path, at=(where.line, where.column), hint=hint, place=place)


def _schema(error: ValidationError) -> Mapping[str, object]:
    return cast("Mapping[str, object]", error.schema)


def _properties(error: ValidationError) -> Mapping[str, Mapping[str, object]]:
    return cast("Mapping[str, Mapping[str, object]]", _schema(error).get("properties", {}))


def _missing(document: Document, at: Path, error: ValidationError, path: str, problems: Problems) -> None:
    where = document.position(at)
    present = error.instance if isinstance(error.instance, dict) else {}
    for key in cast("list[str]", error.validator_value):
        if key not in present:
            place = format_place(document.value, (*at, key))
            expected = _properties(error).get(key, {}).get("x-expected", "")
            hint = f"add `{key}:`, {expected}" if expected else f"add `{key}:`"
            problems.add("F128", f"`{place}` is missing", path=path, at=(where.line, where.column), hint=hint)


def _wrong_value(document: Document, at: Path, error: ValidationError, path: str, problems: Problems) -> None:
    where = document.position(at)
    schema = _schema(error)
    place = format_place(document.value, at)
    code = str(schema.get("x-code", "F107"))
    hidden = schema.get("x-secret")
    hide = hidden is True or (isinstance(hidden, str) and re.search(hidden, str(error.instance)) is not None)
    found = "no sound value, and is not repeated: it may be secret" if hide else shown(error.instance)
    if error.validator == "type":
        found = kind_of(error.instance)
    expected = str(schema.get("x-expected") or error.message)
    summary = f"`{place}` is {found}" if place else f"the file holds {kind_of(error.instance)}"
    if any(problem.place == place and problem.code == code for problem in problems.noted if problem.path == path):
        return
    problems.add(code, summary, path=path, at=(where.line, where.column), hint=f"write {expected}", place=place)
