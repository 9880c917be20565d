"""Ids with dots: what a flow declares, what is given, and what expressions see."""

from __future__ import annotations

from collections.abc import Mapping

Declared = Mapping[str, object]
"""One input as the flow declares it."""


def flatten(declared: object) -> dict[str, Declared]:
    """Full id → declaration, in order; children of a FORM come under its id."""
    found: dict[str, Declared] = {}
    for held in declared if isinstance(declared, list) else ():
        if not isinstance(held, dict) or held.get("id") is None:
            continue
        name = str(held["id"])
        if held.get("type") != "FORM":
            found[name] = held
            continue
        for child, inner in flatten(held.get("inputs")).items():
            outer = {"dependsOn": held["dependsOn"]} if "dependsOn" in held else {}
            found[f"{name}.{child}"] = {**outer, **inner}
    return found


def nested(values: Mapping[str, object]) -> dict[str, object]:
    """`{a.b: 1}` → `{a: {b: 1}}`; where a path is taken by a value, the later one wins."""
    result: dict[str, object] = {}
    for name, value in values.items():
        here = result
        *parents, last = name.split(".")
        for parent in parents:
            inner = here.get(parent)
            if not isinstance(inner, dict):
                inner = {}
                here[parent] = inner
            here = inner
        here[last] = value
    return result


def given_value(given: Mapping[str, object], name: str) -> object:
    """What was given for a full id: under the id itself, or nested by its dots; None without."""
    if name in given:
        return given[name]
    here: object = given
    for part in name.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here
