"""Rules about the flow as a whole (flow-language sheet 1.3): labels, dependencies of inputs, references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.findings import Path, Severity
from flowctl.language.types import find_type
from flowctl.language.validation import patterns
from flowctl.language.validation.context import Context
from flowctl.language.validation.templates import hyphenated
from flowctl.language.walk import CHILD_LISTS, CHILD_TASKS

_KEY = (
    "Invalid label key. A valid key contains only lowercase letters numbers hyphens (-) underscores (_) or "
    "periods (.) and must begin with a lowercase letter."
)
_FREE_SYSTEM = frozenset(("system.readOnly",))


def check_labels(context: Context) -> None:
    """Keys and values of the flow's labels."""
    system: list[tuple[str, Path]] = []
    for index, (path, key, value) in enumerate(_labels(context.flow.get("labels"))):
        shown = f"labels[{index}]"
        name = key if isinstance(key, str) else str(key)
        if name.startswith("system."):
            if name not in _FREE_SYSTEM:
                system.append((f"{name}={value}", path))
        elif not patterns.LABEL_KEY.fullmatch(name):
            context.say(path, f"{shown}.key", _KEY, "F307", hint=f"write `{name.lower()}`" if name else "")
        if value is None or value == "":
            context.say(path, f"{shown}.value", "must not be empty", "F307", hint="give the label a value")
        elif isinstance(value, (dict, list)):
            context.wrong(path, "`String` from a map or a list: a label's value is text", "F314")
    if system:
        text = "System labels can only be set by Kestra itself, offending label: "
        names = ", ".join(name for name, _ in system)
        context.say(system[0][1], "", text + names, "F308", hint="choose a key without `system.`", family="flow")


def _labels(labels: object) -> Iterator[tuple[Path, object, object]]:
    if isinstance(labels, dict):
        for key, value in labels.items():
            yield ("labels", key), key, value
    for index, label in enumerate(labels if isinstance(labels, list) else ()):
        if isinstance(label, dict):
            yield ("labels", index), label.get("key", ""), label.get("value")


def check_inputs(context: Context) -> None:
    """Dependencies between inputs exist and have no cycle; no input path lies below another."""
    inputs = {
        str(held["id"]): (index, held)
        for index, held in enumerate(_maps(context.flow.get("inputs")))
        if isinstance(held, dict) and held.get("id") is not None
    }
    needs = {name: _needs(held) for name, (_, held) in inputs.items()}
    for name, wanted in needs.items():
        for ghost in wanted:
            if ghost not in inputs:
                text = f"Input with id '{name}' depends on a non-existent input '{ghost}'."
                path = ("inputs", inputs[name][0], "dependsOn")
                context.say(path, "", text, "F328", hint=f"the inputs are {', '.join(inputs)}", family="flow")
    for name in needs:
        cycle = _cycle(name, needs)
        if cycle:
            text = f"Cycle dependency detected for input with id '{name}': [{', '.join(cycle)}]"
            path = ("inputs", inputs[name][0], "dependsOn")
            context.say(path, "", text, "F329", hint="remove one of the dependencies", family="flow")
    _paths(context)


def _maps(items: object) -> list[object]:
    return items if isinstance(items, list) else []


def _needs(held: Mapping[str, object]) -> list[str]:
    depends = held.get("dependsOn")
    wanted = depends.get("inputs") if isinstance(depends, dict) else None
    return [str(one) for one in wanted if one is not None] if isinstance(wanted, list) else []


def _cycle(start: str, needs: Mapping[str, list[str]]) -> list[str]:
    """The members of a cycle through `start`, itself first."""
    stack: list[tuple[str, list[str]]] = [(start, [start])]
    seen = set()
    while stack:
        name, trail = stack.pop()
        for wanted in needs.get(name, ()):
            if wanted == start:
                return trail
            if wanted not in seen and wanted in needs:
                seen.add(wanted)
                stack.append((wanted, [*trail, wanted]))
    return []


def _paths(context: Context) -> None:
    """Paths of inputs, children of forms included: none twice, none below another."""
    flat: dict[str, Path] = {}
    for name, path, form in _flat(context.flow.get("inputs"), "", ("inputs",)):
        if name in flat and form:
            text = f"Duplicate input path [{name}]"
            context.say(path, "", text, "F327", hint="rename one of them", family="flow")
        flat.setdefault(name, path)
    for name, path in flat.items():
        parts = name.split(".")
        for length in range(1, len(parts)):
            parent = ".".join(parts[:length])
            if parent in flat:
                text = f"Input path '{parent}' conflicts with '{name}'; one cannot be nested under the other."
                context.say((*path, "id"), "", text, "F327", hint="rename one of them", family="flow")


def _flat(inputs: object, above: str, path: Path) -> Iterator[tuple[str, Path, bool]]:
    """Each input's full path, its place, and whether a form is involved; a form itself is no value."""
    for index, held in enumerate(_maps(inputs)):
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
        for held in _maps(context.flow.get("inputs"))
        if isinstance(held, dict) and held.get("defaults") is None and held.get("id") is not None
    ]
    if not asked:
        return
    for index, trigger in enumerate(_maps(context.flow.get("triggers"))):
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


def check_references(context: Context) -> None:
    """No hyphenated id is addressed by a dot: a hyphen is the minus operator there."""
    tasks = context.tasks
    ids = {
        "inputs": frozenset(_hyphens(held.get("id") for held in _dicts(context.flow.get("inputs")))),
        "outputs": frozenset(_hyphens(task.get("id") for _, task in tasks)),
    }
    if not ids["inputs"] and not ids["outputs"]:
        return
    offenders: dict[str, list[tuple[str, Path]]] = {"inputs": [], "outputs": []}
    for path, task in tasks:
        own = {key: value for key, value in task.items() if key not in CHILD_LISTS and key not in _NESTED}
        for root in hyphenated(own, ids):
            offenders[root].append((str(task.get("id")), path))
    for root, found in offenders.items():
        if found:
            what = root.removesuffix("s")
            text = (
                f"Invalid {what} reference: use {root}[key-name] instead of {root}.key-name — keys with dashes require "
                f"bracket notation, offending tasks: [{', '.join(name for name, _ in found)}]"
            )
            context.say(found[0][1], "", text, "F348", hint=f"write {root}['key-name']", family="flow")


_NESTED = frozenset((*CHILD_TASKS, "cases"))


def _dicts(items: object) -> Iterator[Mapping[str, object]]:
    for item in _maps(items):
        if isinstance(item, dict):
            yield item


def _hyphens(names: Iterator[object]) -> Iterator[str]:
    for name in names:
        if isinstance(name, str) and "-" in name:
            yield name


def check_plugin_defaults(context: Context) -> None:
    """Entries have a type and values; 1.3 also refuses properties that the type has not."""
    for index, entry in enumerate(_maps(context.flow.get("pluginDefaults"))):
        if not isinstance(entry, dict):
            continue
        path, shown = ("pluginDefaults", index), f"pluginDefaults[{index}]"
        for key in ("type", "values"):
            if not entry.get(key):
                text = f"Invalid Plugin Default: No '{key}' provided"
                context.say(path, shown, text, "F350", hint=f"add `{key}:`")
        _default_values(context, entry, path, shown)


def _default_values(context: Context, entry: Mapping[str, object], path: Path, shown: str) -> None:
    name, values = entry.get("type"), entry.get("values")
    resolved = find_type(name, context.dialect) if isinstance(name, str) else None
    if resolved is None or not isinstance(values, dict) or resolved.spec.open:
        return
    known = resolved.spec.shape(context.dialect).properties
    for key in values:
        if key not in known:
            text = f"Invalid Plugin Default: No property '{key}' exists in plugin '{resolved.canonical}'"
            severity: Severity = "error" if context.dialect == "1.3" else "warning"
            context.say((*path, "values", key), shown, text, "F350", severity=severity)
