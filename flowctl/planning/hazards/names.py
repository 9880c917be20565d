"""Names in expressions that nothing will ever fill: unknown inputs, variables, and outputs of tasks that are not there
or come later. These are warnings with codes of files (F381 to F383), no hazards of the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from flowctl.language.walk import all_tasks
from flowctl.planning.hazards.expressions import Use
from flowctl.planning.hazards.sighting import Path, Sighting
from flowctl.planning.hazards.world import Subject, Value, World, dicts

_SEQUENCES = ("tasks", "errors", "finally", "afterExecution")


def unknown_names(world: World, subject: Subject) -> Iterator[Sighting]:
    """`inputs.x`, `vars.x` and `outputs.task` that the flow has not, once each."""
    flow = subject.after
    if flow is None:
        return
    known = _Known.of(flow)
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
    """What a flow's expressions can name. `order` is the place of each top-level task and everything in it."""

    def __init__(self, inputs: list[str], variables: list[str], tasks: dict[str, Path]) -> None:
        self.names: Mapping[str, list[str]] = {"inputs": inputs, "vars": variables, "outputs": list(tasks)}
        self.tasks = tasks

    @classmethod
    def of(cls, flow: Value) -> _Known:
        """The names of a flow. An input's id may have dots: its first part is a name."""
        inputs = [str(item.get("id")).partition(".")[0] for _, item in dicts(flow.get("inputs"))]
        held = flow.get("variables")
        variables = [str(name) for name in held] if isinstance(held, dict) else []
        return cls(inputs, variables, {str(task.get("id")): path for path, task in all_tasks(flow)})


def _judge(subject: Subject, use: Use, known: _Known) -> Sighting | None:
    root, name = use.reference.path[:2]
    if root not in known.names:
        return None
    if name not in known.names[root]:
        near = get_close_matches(name, known.names[root], 1, 0.6)
        hint = f"did you mean {root}.{near[0]}?" if near else ""
        code = {"inputs": "F381", "vars": "F382", "outputs": "F383"}[root]
        noun = {"inputs": "input", "vars": "variable", "outputs": "task"}[root]
        return Sighting(
            code, subject.key, f"{_where(use)} {root}.{name}: the flow has no {noun} {name}", "", hint, use.at
        )
    if root == "outputs" and _comes_later(use.at, known.tasks[name]):
        text = f"{_where(use)} outputs.{name}, and {name} runs only later"
        return Sighting("F383", subject.key, text, "", "move the task, or read what comes before", use.at)
    return None


def _where(use: Use) -> str:
    line, column = use.reference.line, use.reference.column
    return f"the expression (line {line}, column {column} of the text) names"


def _comes_later(here: Path, there: Path) -> bool:
    """Whether a task stands behind the one that reads it, in a list that runs in order at the top of the flow."""
    same = len(here) > 1 and len(there) > 1 and here[0] == there[0] and here[0] in _SEQUENCES
    return same and isinstance(here[1], int) and isinstance(there[1], int) and there[1] > here[1]
