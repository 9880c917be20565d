"""Types of inputs, with what each may carry."""

from __future__ import annotations

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    choice,
    data,
    decimal,
    flag,
    line,
    literal,
    part,
    record,
    sequence,
    span,
    text,
)
from flowctl.language.types.spec import PropertySpec, TypeSpec
from flowctl.model.environment import Dialect

ID_PATTERN = "^[a-zA-Z0-9][.a-zA-Z0-9_-]*"
ITEM_TYPES = (
    "STRING",
    "SELECT",
    "INT",
    "FLOAT",
    "BOOL",
    "DATETIME",
    "DATE",
    "TIME",
    "DURATION",
    "FILE",
    "JSON",
    "YAML",
    "URI",
    "EMAIL",
    "SECRET",
    "ARRAY",
    "MULTISELECT",
    "FORM",
)
OLD_ITEM_TYPES = ("ENUM", "BOOLEAN")

COMMON: dict[str, PropertySpec] = {
    "id": literal("Name; dots make a map of inputs.", required=True, pattern=ID_PATTERN),
    "type": literal("Type of the value.", required=True),
    "description": literal(),
    "displayName": literal(),
    "required": flag(True, "A missing value is an error."),
    "defaults": data("The value when none is given."),
    "prefill": data("A value proposed in the form."),
    "dependsOn": record({"inputs": sequence(required=True), "condition": line()}, "When to ask for it."),
}
_VALIDATOR = literal("Regular expression the whole text must match.")
_BOUND = literal()
_VALUES = sequence("What may be chosen.")
_CHOICE: dict[str, PropertySpec] = {
    "values": _VALUES,
    "expression": text("Gives the list of values."),
    "allowCustomValue": flag(False),
    "autoSelectFirst": flag(False),
}


def _input(
    name: str,
    title: str,
    own: dict[str, PropertySpec] | None = None,
    dialects: tuple[Dialect, ...] = ("1.3", "2.0"),
    deprecated: str = "",
) -> TypeSpec:
    return TypeSpec(name, "input", {**COMMON, **(own or {})}, dialects=dialects, title=title, deprecated=deprecated)


_NUMBERS: dict[str, PropertySpec] = {"min": decimal(), "max": decimal()}
_DATES: dict[str, PropertySpec] = {"after": _BOUND, "before": _BOUND}
_SELECT: dict[str, PropertySpec] = {**_CHOICE, "isRadio": flag(False)}
_ITEM = choice(*ITEM_TYPES, *OLD_ITEM_TYPES)

TYPES: tuple[TypeSpec, ...] = (
    _input("STRING", "Text.", {"validator": _VALIDATOR}),
    _input("SELECT", "One of some values.", _SELECT),
    _input("INT", "A whole number of 32 bits.", _NUMBERS),
    _input("FLOAT", "A number.", _NUMBERS),
    _input("BOOL", "true or false."),
    _input("DATETIME", "A date and time with offset.", _DATES),
    _input("DATE", "A date.", _DATES),
    _input("TIME", "A time of day.", _DATES),
    _input("DURATION", "An ISO-8601 duration.", {"min": span(), "max": span()}),
    _input(
        "FILE",
        "A file.",
        {"extension": literal(dialects=ONLY_1, deprecated="nothing"), "allowedFileExtensions": sequence()},
    ),
    _input("JSON", "JSON.", {"jsonSchema": data("A JSON Schema.")}),
    _input("YAML", "YAML."),
    _input("URI", "An address."),
    _input("EMAIL", "An e-mail address."),
    _input("SECRET", "Text that is kept encrypted.", {"validator": _VALIDATOR}),
    _input("ARRAY", "A list.", {"itemType": choice(*ITEM_TYPES, *OLD_ITEM_TYPES, required=True)}),
    _input(
        "MULTISELECT",
        "Several of some values.",
        {**_CHOICE, "itemType": _ITEM, "options": sequence(dialects=ONLY_1, deprecated="`values`")},
    ),
    _input("FORM", "A group of inputs.", {"inputs": part("inputs", required=True)}, ("2.0",)),
    _input("ENUM", "One of some values (now SELECT).", _SELECT, ONLY_1, "`SELECT`"),
    _input("BOOLEAN", "true or false (now BOOL).", None, ONLY_1, "`BOOL`"),
    _input("REUSABLE_INPUTS", "Shared inputs (Enterprise Edition).", None, ANNOUNCED),
)
