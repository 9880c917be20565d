"""The parts of a flow that have a type of their own: tasks, triggers, conditions, runners, inputs, retries, SLAs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.findings import Path
from flowctl.language.legacy.rows import Scope
from flowctl.language.types import PropertySpec, TypeSpec
from flowctl.language.types.flow import OUTPUT, RETRIES, SLAS
from flowctl.language.types.inputs import TYPES as INPUT_TYPES
from flowctl.language.types.spec import shape_of
from flowctl.language.validation import patterns
from flowctl.language.validation.context import Context
from flowctl.language.validation.labels import check_set_labels
from flowctl.language.validation.members import check_members, missing
from flowctl.language.validation.names import shown_name
from flowctl.language.validation.nulls import null
from flowctl.language.validation.rules.inputs import check_input, check_item_type
from flowctl.language.validation.rules.retries import check_retry, positive
from flowctl.language.validation.templates import check_condition
from flowctl.language.validation.typed import check_typed, length_rule, name_rule
from flowctl.language.validation.values import CHECKS, found

_INPUTS: Mapping[str, TypeSpec] = {spec.name: spec for spec in INPUT_TYPES}
_RETRIES: Mapping[str, TypeSpec] = {spec.name: spec for spec in RETRIES}
_SLAS: Mapping[str, TypeSpec] = {spec.name: spec for spec in SLAS}
CONDITIONS = ("runIf", "condition")


def check_task(context: Context, task: object, path: Path) -> None:
    """One task with everything below it."""
    spec = check_typed(context, task, path, ("task",), "task")
    if isinstance(task, dict):
        name_rule(context, task, path, patterns.TASK_ID, "F324")
        length_rule(context, task, path, "Task")
        for key in CONDITIONS:
            if key in task:
                check_condition(context, task, key, path)
        if spec is None:
            if task.get("id") is None:
                missing(context, PropertySpec("string", required=True), (*path, "id"), "task")
            _children_of_unknown(context, task, path)


def _children_of_unknown(context: Context, task: Mapping[str, object], path: Path) -> None:
    """A type nobody here knows may hold tasks all the same."""
    for key in ("tasks", "errors", "finally", "then", "else", "defaults"):
        for index, child in enumerate(_list(task.get(key))):
            if isinstance(child, dict) and isinstance(child.get("type"), str) and "id" in child:
                check_task(context, child, (*path, key, index))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _each(context: Context, value: object, path: Path, check: Callable[[Context, object, Path], None]) -> None:
    if not isinstance(value, list):
        context.wrong(path, f"`List` from {found(value)}", "F314")
        return
    for index, item in enumerate(value):
        if item is None:
            context.findings.append(null((*path, index)))
        else:
            check(context, item, (*path, index))


def _tasks(context: Context, spec: PropertySpec, value: object, path: Path) -> None:
    if value == [] and spec.empty_message:
        context.say(path, shown_name(context.flow, path), spec.empty_message, "F335", hint="add a task")
    _each(context, value, path, check_task)


def _task(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    check_task(context, value, path)


def _dag(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, _dag_member)


def _dag_member(context: Context, item: object, path: Path) -> None:
    if not isinstance(item, dict):
        context.wrong(path, f"`DagTask` from {found(item)}: expected a map", "F314")
        return
    check_members(context, item, shape_of(_DAG_MEMBER, context.dialect), path, "of a Dag member")


def _cases(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, dict):
        context.wrong(path, f"`Map` from {found(value)}", "F314")
        return
    for case, tasks in value.items():
        if tasks is not None:
            _each(context, tasks, (*path, case), check_task)


def _triggers(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, _trigger)


def _trigger(context: Context, item: object, path: Path) -> None:
    check_typed(context, item, path, ("trigger",), "trigger")
    if isinstance(item, dict):
        name_rule(context, item, path, patterns.TASK_ID, "F325")
        check_condition(context, item, "when", path)
        check_set_labels(context, item, path)
        length_rule(context, item, path, "Trigger")


def _conditions(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, lambda c, item, at: _ignore(check_typed(c, item, at, ("condition",), "trigger")))


def _ignore(_spec: TypeSpec | None) -> None:
    return


def _runner(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    check_typed(context, value, path, ("runner",), "task")


def _inputs(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, _input)


def _input(context: Context, item: object, path: Path) -> None:
    spec = _small(context, item, path, _INPUTS, "input")
    if isinstance(item, dict):
        name_rule(context, item, path, patterns.INPUT_ID, "F326")
        length_rule(context, item, path, "Input")
        if spec is not None:
            check_input(context, item, path)


def _outputs(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, _output)


def _output(context: Context, item: object, path: Path) -> None:
    if not isinstance(item, dict):
        context.wrong(path, f"`Output` from {found(item)}: expected a map", "F314")
        return
    check_members(context, item, shape_of(OUTPUT, context.dialect), path, "of a flow output", scope="output")
    name_rule(context, item, path, patterns.INPUT_ID, "F326")
    check_item_type(context, item, "type", path)


def _retry(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    if _small(context, value, path, _RETRIES, "retry") is not None and isinstance(value, dict):
        check_retry(context, value, path)


def _sla(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    _each(context, value, path, _agreement)


def _agreement(context: Context, item: object, path: Path) -> None:
    if _small(context, item, path, _SLAS, "sla") is not None and isinstance(item, dict):
        positive(context, item, "duration", path)


def _small(context: Context, item: object, path: Path, types: Mapping[str, TypeSpec], what: str) -> TypeSpec | None:
    """Check a map whose type is a word of the language."""
    if not isinstance(item, dict):
        context.wrong(path, f"`{what}` from {found(item)}: expected a map", "F314")
        return None
    name = item.get("type")
    spec = types.get(name) if isinstance(name, str) else None
    if spec is None or not spec.known_to(context.dialect):
        text = "<null>" if name is None else str(name)
        known = [one for one in types if types[one].known_to(context.dialect)]
        hint = context.near(text.upper() if what == "input" else text, known) or f"one of {', '.join(known)}"
        context.unreadable((*path, "type"), f"Invalid type: {text}", "F313", hint=hint)
        return None
    scope: Scope = "input" if what == "input" else "retry" if what == "retry" else "check"
    check_members(context, item, spec.shape(context.dialect), path, f"{what} {spec.name}", scope=scope)
    return spec


def _labels(context: Context, _spec: PropertySpec, value: object, path: Path) -> None:
    if not isinstance(value, (dict, list)):
        context.wrong(path, f"`labels` from {found(value)}: expected a map or a list of key and value", "F314")
    for index, item in enumerate(_list(value)):
        if item is None:
            context.findings.append(null((*path, index)))
        elif not isinstance(item, dict):
            context.wrong((*path, index), f"`Label` from {found(item)}: expected a map with key and value", "F314")
        elif item.get("key") is None or item.get("value") is None or isinstance(item["value"], (dict, list)):
            context.wrong((*path, index), "`Label` from a map without a key and a text as value", "F314")
    for key, item in value.items() if isinstance(value, dict) and path != ("labels",) else ():
        if isinstance(item, (dict, list)):
            context.wrong((*path, key), f"`String` from {found(item)}: a label's value is text", "F314")


_DAG_MEMBER: dict[str, PropertySpec] = {
    "task": PropertySpec("task", required=True),
    "dependsOn": PropertySpec("list"),
}

CHECKS.update(
    tasks=_tasks,
    task=_task,
    dag=_dag,
    cases=_cases,
    triggers=_triggers,
    conditions=_conditions,
    runner=_runner,
    inputs=_inputs,
    outputs=_outputs,
    retry=_retry,
    sla=_sla,
    labels=_labels,
)
