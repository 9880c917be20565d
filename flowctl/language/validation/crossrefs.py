"""What names other parts of a flow: expressions with hyphenated ids, plugin defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowctl.language.findings import Path, Severity
from flowctl.language.types import find_type
from flowctl.language.validation.context import Context, listed
from flowctl.language.validation.templates import hyphenated
from flowctl.language.walk import CHILD_LISTS, CHILD_TASKS


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
    for item in listed(items):
        if isinstance(item, dict):
            yield item


def _hyphens(names: Iterator[object]) -> Iterator[str]:
    for name in names:
        if isinstance(name, str) and "-" in name:
            yield name


def check_plugin_defaults(context: Context) -> None:
    """Entries have a type and values; 1.3 also refuses properties that the type has not."""
    for index, entry in enumerate(listed(context.flow.get("pluginDefaults"))):
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
