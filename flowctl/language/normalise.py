"""A flow in today's spelling.

What a dialect accepts in an older spelling is rewritten (names of types and properties, see
`flowctl.language.legacy.table`); what it refuses stays, for validation to find. The flow that comes in is never
changed; without anything to rewrite it comes back as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowctl.language.findings import Finding, Path
from flowctl.language.legacy import changes
from flowctl.language.legacy.rows import Holder, Legacy, Scope
from flowctl.language.legacy.table import ROWS
from flowctl.language.legacy.types13 import OLD_IN_1_3
from flowctl.language.types import find_type
from flowctl.language.types.inputs import ITEM_TYPES, OLD_ITEM_TYPES
from flowctl.language.walk import all_tasks
from flowctl.model.environment import Dialect

_ROWS: dict[Scope, dict[str, tuple[Legacy, ...]]] = {}
for _row in ROWS:
    _held = _ROWS.setdefault(_row.scope, {})
    _held[_row.old] = (*_held.get(_row.old, ()), _row)

_MODERN_INPUTS = frozenset((*ITEM_TYPES, "REUSABLE_INPUTS"))
_OLD_INPUTS = frozenset(OLD_ITEM_TYPES)


@dataclass(slots=True)
class Survey:
    """Old spellings of one flow: what to say about them (`findings`), and what to rewrite where.

    `steps` are the holders with the rows that concern them, `names` the holders with the present names of their
    types; parents come before their children.
    """

    dialect: Dialect
    findings: list[Finding] = field(default_factory=list)
    steps: list[tuple[Path, tuple[Legacy, ...]]] = field(default_factory=list)
    names: list[tuple[Path, str]] = field(default_factory=list)

    def rewritten(self, flow: Holder) -> Holder:
        """The flow in today's spelling: the same object when there is nothing to do, else a copy."""
        if not self.steps and not self.names:
            return flow
        result = copy.deepcopy(flow)
        for path, new in reversed(self.names):
            _rename_type(value_at(result, path), new, self.dialect)
        for path, rows in reversed(self.steps):
            _rewrite(value_at(result, path), rows, self.dialect)
        return result


def normalise(value: object, dialect: Dialect = "lenient") -> tuple[object, list[Finding]]:
    """The flow in today's spelling, and a deprecation for each place that was rewritten or will not last.

    `value` is plain data of any shape; what is no flow comes back unchanged. A type under an old name also gives an
    info `OLD is replaced by NEW`, as servers do.
    """
    if not isinstance(value, dict):
        return value, []
    work = survey(value, dialect, all_tasks(value))
    return work.rewritten(value), work.findings


def survey(flow: Holder, dialect: Dialect, tasks: Iterable[tuple[Path, Holder]]) -> Survey:
    """What there is to rewrite in a flow with these tasks."""
    work = Survey(dialect)
    _look(flow, "flow", (), "", work)
    for path, task in tasks:
        _look_task(task, path, work)
    for index, held in _maps(flow.get("inputs")):
        _look_input(held, ("inputs", index), work)
    for index, held in _maps(flow.get("outputs")):
        _look(held, "output", ("outputs", index), "", work)
    for index, held in _maps(flow.get("checks")):
        _look(held, "check", ("checks", index), "", work)
    for index, held in _maps(flow.get("triggers")):
        _look_trigger(held, ("triggers", index), work)
    for index, held in _maps(flow.get("listeners")):
        _look_conditions(held.get("conditions"), ("listeners", index, "conditions"), work)
    retry = flow.get("retry")
    if isinstance(retry, dict):
        _look(retry, "retry", ("retry",), "", work)
    return work


def _look_task(task: Holder, path: Path, work: Survey) -> None:
    name = _look_type(task, path, work)
    _look(task, "task", path, name, work)
    retry = task.get("retry")
    if isinstance(retry, dict):
        _look(retry, "retry", (*path, "retry"), "", work)
    for key in ("onResume", "inputs"):
        if isinstance(task.get(key), list):
            for index, held in _maps(task[key]):
                _look_input(held, (*path, key, index), work)
    runner = task.get("taskRunner")
    if isinstance(runner, dict):
        _look_type(runner, (*path, "taskRunner"), work)


def _look_trigger(trigger: Holder, path: Path, work: Survey) -> None:
    name = _look_type(trigger, path, work)
    _look(trigger, "trigger", path, name, work)
    for key in ("conditions", "scheduleConditions"):
        _look_conditions(trigger.get(key), (*path, key), work)


def _look_conditions(conditions: object, path: Path, work: Survey) -> None:
    pairs = conditions.items() if isinstance(conditions, dict) else _maps(conditions)
    for key, held in pairs:
        if isinstance(held, dict):
            _look_type(held, (*path, key), work)
            _look_conditions(held.get("conditions"), (*path, key, "conditions"), work)


def _look_input(held: Holder, path: Path, work: Survey) -> None:
    kind = held.get("type")
    _look(held, "input", path, kind if isinstance(kind, str) else "", work)
    for index, inner in _maps(held.get("inputs")):
        _look_input(inner, (*path, "inputs", index), work)


def _look(holder: Holder, scope: Scope, path: Path, name: str, work: Survey) -> None:
    known = _ROWS[scope]
    if known.keys().isdisjoint(holder):
        return
    rows = tuple(
        row
        for old in holder
        if old in known
        for row in known[old]
        if row.meant_for(name) and row.verdict(work.dialect) != "refused" and _concerned(row, holder, work.dialect)
    )
    for row in rows:
        if row.verdict(work.dialect) == "warns":
            work.findings.append(_deprecation((*path, row.old), row))
    if any(row.rename or row.change or row.verdict(work.dialect) == "ignored" for row in rows):
        work.steps.append((path, rows))


def _concerned(row: Legacy, holder: Holder, dialect: Dialect) -> bool:
    """Rows about a value, not a name: only with the old value there."""
    value = holder[row.old]
    if row.scope == "input" and row.old == "type":
        if not isinstance(value, str) or value in _MODERN_INPUTS:
            return False
        return value in _OLD_INPUTS or (dialect == "lenient" and value.upper() in _MODERN_INPUTS | _OLD_INPUTS)
    if row.change is changes.canceled:
        return value == "CANCELED"
    if row.change is changes.http_options:
        return isinstance(value, dict) and not changes.FLAT_OPTIONS.isdisjoint(value)
    return True


def _deprecation(path: Path, row: Legacy) -> Finding:
    what = row.construct or f"`{row.old}`"
    text = f"old spelling: {what}"
    return Finding(path, text, "deprecation", "F361", f"write {row.hint}", _text(path))


def _look_type(holder: Holder, path: Path, work: Survey) -> str:
    """Note an old type name; gives the present one."""
    name = holder.get("type")
    if not isinstance(name, str):
        return ""
    found = find_type(name, work.dialect)
    if found is None:
        return name
    if found.deprecated_alias is not None:
        shown = _text(path)
        at = (*path, "type")
        message = f"{name} is replaced by {found.canonical}"
        work.findings.append(Finding(at, message, "info", "F363", f"write `type: {found.canonical}`", shown))
        if work.dialect == "lenient":
            text = f"`{name}` is an old name"
            work.findings.append(Finding(path, text, "deprecation", "F361", f"write `{found.canonical}`", shown))
        if found.spec.runnable:
            work.names.append((path, found.canonical))
    instead = OLD_IN_1_3.get(name) or OLD_IN_1_3.get(found.canonical)
    if work.dialect == "1.3" and instead:
        text = f"`{name}` is deprecated in 1.3"
        work.findings.append(Finding(path, text, "deprecation", "F361", f"use {instead}", _text(path)))
    elif found.deprecated_alias is None and found.spec.deprecated and work.dialect == "lenient":
        text = f"`{name}` is gone in 2.0"
        work.findings.append(Finding(path, text, "deprecation", "F361", f"use {found.spec.deprecated}", _text(path)))
        if name.endswith("debug.Echo"):
            work.names.append((path, "io.kestra.plugin.core.log.Log"))
    return found.canonical


def _rename_type(holder: object, new: str, dialect: Dialect) -> None:
    assert isinstance(holder, dict)
    old = holder["type"]
    holder["type"] = new
    if isinstance(old, str) and old.endswith("WaitFor") and dialect == "lenient":
        changes.wait_for_limits(holder)
    if isinstance(old, str) and old.endswith("debug.Echo"):
        changes.echo(holder)


def _rewrite(holder: object, rows: tuple[Legacy, ...], dialect: Dialect) -> None:
    assert isinstance(holder, dict)
    for row in rows:
        if row.verdict(dialect) == "ignored":
            holder.pop(row.old, None)
        elif row.change is not None:
            row.change(holder)
        elif row.rename and row.rename not in holder:
            holder[row.rename] = holder.pop(row.old)


def hint_for(scope: Scope, old: str, type_name: str = "") -> str:
    """What the table says about a property that a dialect does not know; empty when it says nothing."""
    for row in _ROWS.get(scope, {}).get(old, ()):
        if row.meant_for(type_name):
            return f"write {row.hint}"
    return ""


def _maps(items: object) -> Iterator[tuple[int, Holder]]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield index, item


def value_at(value: object, path: Path) -> object:
    """The value that a path leads to; the path must be there."""
    for step in path:
        assert isinstance(value, (dict, list))
        value = value[step]  # type: ignore[index]  # a key of a map, or an index of a list
    return value


def _text(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
