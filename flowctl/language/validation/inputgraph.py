"""Inputs among each other: dependencies, paths, and what schedules must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.cycles import circle, stuck
from flowctl.language.findings import Path, Severity
from flowctl.language.validation.context import Context, listed
from flowctl.language.validation.patterns import INPUT_ID_LENGTH as LONGEST

_MOST = 100
"""Circles that are shown."""


def check_inputs(context: Context) -> None:
    """Dependencies between inputs exist and have no cycle; no input path lies below another."""
    inputs = {
        str(held["id"]): (index, held)
        for index, held in enumerate(listed(context.flow.get("inputs")))
        if isinstance(held, dict) and held.get("id") is not None
    }
    needs = {name: _needs(held) for name, (_, held) in inputs.items()}
    for name, wanted in needs.items():
        for ghost in wanted:
            if ghost not in inputs:
                text = f"Input with id '{name}' depends on a non-existent input '{ghost}'."
                path = ("inputs", inputs[name][0], "dependsOn")
                context.say(path, "", text, "F328", hint=f"the inputs are {', '.join(inputs)}", family="flow")
    for name in stuck(needs)[:_MOST]:
        cycle = circle(name, needs)
        if cycle:
            text = f"Cycle dependency detected for input with id '{name}': [{', '.join(cycle)}]"
            path = ("inputs", inputs[name][0], "dependsOn")
            context.say(path, "", text, "F329", hint="remove one of the dependencies", family="flow")
    _paths(context)


def _needs(held: Mapping[str, object]) -> list[str]:
    depends = held.get("dependsOn")
    wanted = depends.get("inputs") if isinstance(depends, dict) else None
    return [str(one) for one in wanted if one is not None] if isinstance(wanted, list) else []


def _paths(context: Context) -> None:
    """Paths of inputs, children of forms included: none twice, none below another."""
    flat: dict[str, Path] = {}
    for name, path, form in _flat(context.flow.get("inputs"), "", ("inputs",)):
        if name in flat and form:
            text = f"Duplicate input path [{name}]"
            context.say(path, "", text, "F327", hint="rename one of them", family="flow")
        flat.setdefault(name, path)
    for name, path in flat.items():
        parts = name.split(".") if len(name) <= LONGEST else []
        for length in range(1, len(parts)):
            parent = ".".join(parts[:length])
            if parent in flat:
                text = f"Input path '{parent}' conflicts with '{name}'; one cannot be nested under the other."
                context.say((*path, "id"), "", text, "F327", hint="rename one of them", family="flow")


def _flat(inputs: object, above: str, path: Path) -> Iterator[tuple[str, Path, bool]]:
    """Each input's full path, its place, and whether a form is involved; a form itself is no value."""
    for index, held in enumerate(listed(inputs)):
        if isinstance(held, dict) and held.get("id") is not None:
            name = f"{above}{held['id']}"
            if held.get("type") == "FORM":
                yield from _flat(held.get("inputs"), f"{name}.", (*path, index, "inputs"))
            else:
                yield name, (*path, index), bool(above) or "." in name


def check_schedules(context: Context) -> None:
    """2.0: a Schedule gives every input that has no default."""
    if context.dialect == "1.3":
        return
    asked = [
        str(held.get("id"))
        for held in listed(context.flow.get("inputs"))
        if isinstance(held, dict) and held.get("defaults") is None and held.get("id") is not None
    ]
    if not asked:
        return
    for index, trigger in enumerate(listed(context.flow.get("triggers"))):
        if isinstance(trigger, dict) and str(trigger.get("type", "")).endswith(".trigger.Schedule"):
            given = trigger.get("inputs")
            lacking = [name for name in asked if not isinstance(given, dict) or not _given(given, name)]
            if lacking:
                _missing_inputs(context, trigger, ("triggers", index), lacking)


def _given(given: Mapping[str, object], name: str) -> bool:
    if name in given:
        return True
    here: object = given
    for part in name.split("."):
        if not isinstance(here, dict) or part not in here:
            return False
        here = here[part]
    return True


def _missing_inputs(context: Context, trigger: Mapping[str, object], path: Path, lacking: list[str]) -> None:
    name = trigger.get("id")
    text = f"Missing inputs for Schedule Trigger '{name}', missing inputs: '{' | '.join(lacking)}'"
    severity: Severity = "error" if context.dialect == "2.0" else "warning"
    hint = "give them under `inputs` of the trigger, or give the inputs defaults"
    context.say(path, "", text, "F340", severity=severity, hint=hint, family="flow")
