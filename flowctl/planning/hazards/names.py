"""Names in expressions that nothing will ever fill: unknown inputs, variables, and outputs of tasks that are not there
or come later. These are warnings with codes of files (F381 to F383), no hazards of the target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from flowctl.language.walk import all_tasks
from flowctl.planning.hazards.expressions import Use
from flowctl.planning.hazards.sequence import relation
from flowctl.planning.hazards.sighting import Path, Sighting
from flowctl.planning.hazards.world import Subject, Value, World, dicts

_PLAIN = re.compile(r"[A-Za-z_]\w*")


def unknown_names(world: World, subject: Subject) -> Iterator[Sighting]:
    """`inputs.x`, `vars.x` and `outputs.task` that the flow has not, once each."""
    flow = subject.after
    if flow is None:
        return
    known = _Known(flow)
    seen: set[tuple[str, ...]] = set()
    for use in world.uses(subject):
        path = use.reference.path
        if use.reference.kind != "variable" or len(path) < 2 or use.reference.guarded or path[:2] in seen:
            continue
        found = _judge(subject, use, known)
        if found is not None:
            seen.add(path[:2])
            yield found


class _Known:
    """What a flow's expressions can name. `tasks` are the places of all tasks."""

    def __init__(self, flow: Value) -> None:
        self.flow = flow
        found = all_tasks(flow)
        self.tasks: dict[str, Path] = {}
        for path, task in found:
            for name in _names_of_outputs(task):
                self.tasks.setdefault(name, path)
        self.names: Mapping[str, list[str] | None] = {
            "inputs": [_input(item) for _, item in dicts(flow.get("inputs"))],
            "vars": _variables(flow, [task for _, task in found]),
            "outputs": list(self.tasks),
            "tasks": list(self.tasks),
        }


def _input(declared: Value) -> str:
    """An input's id may have dots: its first part is the name. Old flows say `name`."""
    return str(declared.get("id") or declared.get("name")).partition(".")[0]


def _names_of_outputs(task: Value) -> Iterator[str]:
    """Under which names a task's outputs are found. YAML reads some ids as other things than texts."""
    id_, kind = task.get("id"), str(task.get("type", "")).rpartition(".")[2]
    yield str(id_).lower() if isinstance(id_, bool) else str(id_)
    if kind == "ForEachItem":
        yield from (f"{id_}_{part}" for part in ("split", "items", "merge"))


def _variables(flow: Value, tasks: list[Value]) -> list[str] | None:
    """The flow's variables and those that its tasks set; None when the names cannot be known."""
    held = flow.get("variables")
    found = [str(name) for name in held] if isinstance(held, dict) else []
    for task in tasks:
        if str(task.get("type", "")).endswith(".SetVariables"):
            given = task.get("variables")
            if not isinstance(given, dict) or any("{" in str(name) for name in given):
                return None
            found += [str(name) for name in given]
    return found


def _judge(subject: Subject, use: Use, known: _Known) -> Sighting | None:
    root, name = use.reference.path[:2]
    names = known.names.get(root)
    if names is None or _elsewhere(known.flow, use.at):
        return None
    if name not in names:
        code = {"inputs": "F381", "vars": "F382"}.get(root, "F383")
        noun = {"inputs": "input", "vars": "variable"}.get(root, "task")
        summary = f"{_where(use)} {root}.{name}: the flow has no {noun} {name}"
        return Sighting(code, subject.key, summary, "", _near(root, name, names), use.at)
    runs = relation(known.flow, use.at, known.tasks[name]) if root == "outputs" else None
    if runs is None or runs == "before":
        return None
    text = f"{_where(use)} outputs.{name}, and {name} {_RUNS[runs]}"
    return Sighting("F383", subject.key, text, "", "move the task, or read what comes before", use.at)


_RUNS = {"later": "runs only later", "beside": "runs at the same time", "instead": "runs only in another branch"}


def _near(root: str, name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, 1, 0.6)
    if not near:
        return ""
    return f"did you mean {root}.{near[0]}?" if _PLAIN.fullmatch(near[0]) else f"did you mean {root}['{near[0]}']?"


def _elsewhere(flow: Value, at: Path) -> bool:
    """Whether a text is rendered in another flow's context: the old `outputs` of a Subflow are, in the child's."""
    value: object = flow
    for step in at:
        if isinstance(value, dict) and step == "outputs" and str(value.get("type", "")).endswith((".Subflow", ".Flow")):
            return True
        value = value.get(step) if isinstance(value, dict) else _item(value, step)
    return False


def _item(value: object, step: str | int) -> object:
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _where(use: Use) -> str:
    line, column = use.reference.line, use.reference.column
    return f"the expression (line {line}, column {column} of the text) names"
