"""Dag, Switch, WorkingDirectory and Subflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.cycles import stuck
from flowctl.language.findings import Path
from flowctl.language.types import find_type, is_work
from flowctl.language.validation.context import Context
from flowctl.language.validation.labels import check_set_labels
from flowctl.language.validation.names import shown_name

_FLOW = "io.kestra.plugin.core.flow."


def _dag(context: Context, task: Mapping[str, object], path: Path) -> None:
    members = task.get("tasks")
    shown = shown_name(context.flow, path)
    if members in (None, []):
        context.say(path, shown, "invalid Dag task", "F332", hint="add members under `tasks`")
        if members == []:
            context.say((*path, "tasks"), f"{shown}.tasks", "must not be empty", "F332")
        return
    edges = _edges(members)
    _unknown_dependencies(context, edges, path, shown)
    cycle = _cycle(edges)
    if cycle:
        text = f"Cyclic dependency detected: {', '.join(cycle)}"
        context.say((*path, "tasks"), shown, text, "F331", hint="remove one of the dependencies")


def _edges(members: object) -> dict[str, tuple[int, list[str]]]:
    """Id of each member → its index and what it depends on."""
    edges: dict[str, tuple[int, list[str]]] = {}
    for index, member in enumerate(members if isinstance(members, list) else ()):
        if isinstance(member, dict) and isinstance(member.get("task"), dict):
            wanted = member.get("dependsOn")
            names = [str(one) for one in wanted if one is not None] if isinstance(wanted, list) else []
            edges[str(member["task"].get("id"))] = index, names
    return edges


def _unknown_dependencies(context: Context, edges: Mapping[str, tuple[int, list[str]]], path: Path, shown: str) -> None:
    ghosts = {name: index for index, names in edges.values() for name in names if name not in edges}
    if ghosts:
        at = (*path, "tasks", next(iter(ghosts.values())), "dependsOn")
        text = f"Not existing task id in dependency: {', '.join(ghosts)}"
        context.say(at, shown, text, "F330", hint=f"the members are {', '.join(edges)}")


def _cycle(edges: Mapping[str, tuple[int, list[str]]]) -> list[str]:
    """The members that can never start, in the order of the text."""
    return stuck({name: names for name, (_, names) in edges.items()})


def _switch(context: Context, task: Mapping[str, object], path: Path) -> None:
    cases, defaults = task.get("cases"), task.get("defaults")
    filled = isinstance(cases, dict) and any(tasks for tasks in cases.values())
    if not filled and not defaults:
        text = "No task defined, neither cases or default have any tasks"
        context.say(path, shown_name(context.flow, path), text, "F333", hint="add `cases` or `defaults`")


def _working_directory(context: Context, task: Mapping[str, object], path: Path) -> None:
    children = task.get("tasks")
    for index, child in enumerate(children if isinstance(children, list) else ()):
        name = child.get("type") if isinstance(child, dict) else None
        found = find_type(name, context.dialect) if isinstance(name, str) else None
        if found is not None and not is_work(found.spec):
            text = "Only runnable tasks are allowed as children of a WorkingDirectory task"
            at = (*path, "tasks", index)
            context.say(at, shown_name(context.flow, path), text, "F334", hint="move it out of the WorkingDirectory")
            return


def _subflow(context: Context, task: Mapping[str, object], path: Path) -> None:
    """The namespace says something, and a flow does not call itself, which would never end."""
    for key in ("namespace", "flowId", "items") if "items" in task else ("namespace",):
        if task.get(key) == "":
            at = (*path, key)
            context.say(at, shown_name(context.flow, at), "must not be empty", "F311", hint=f"give `{key}` a value")
    check_set_labels(context, task, path)
    own = context.flow.get("namespace"), context.flow.get("id")
    if (task.get("namespace"), task.get("flowId")) == own and None not in own:
        text = f"Recursive call to flow [{own[0]}.{own[1]}]"
        context.say(path, "", text, "F336", hint="call another flow, or use a loop", family="flow")


def _template(context: Context, _task: Mapping[str, object], path: Path) -> None:
    text = "Templates are disabled, please check your configuration"
    context.unreadable((*path, "type"), text, "F318", hint="use a Subflow")


Rule = Callable[[Context, Mapping[str, object], Path], None]
FLOWABLES: Mapping[str, tuple[Rule, ...]] = {
    _FLOW + "Dag": (_dag,),
    _FLOW + "Switch": (_switch,),
    _FLOW + "WorkingDirectory": (_working_directory,),
    _FLOW + "Subflow": (_subflow,),
    _FLOW + "ForEachItem": (_subflow,),
    _FLOW + "Template": (_template,),
}
