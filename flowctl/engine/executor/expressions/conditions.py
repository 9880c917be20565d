"""`when` of 2.0 and the `conditions` of earlier versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time

from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.language.flags import is_on

Condition = Mapping[str, object]
_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_LISTS = ("conditions", "scheduleConditions")
_POSITIONS = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FOURTH": 4}


class UnknownCondition(Exception):
    """A condition of a type this server does not know."""


def wanted(trigger: Mapping[str, object], renderer: Renderer, subject: Mapping[str, object]) -> bool:
    """Whether a trigger's `when` and all its conditions hold.

    `subject` describes the execution that a flow trigger looks at (namespace, flowId, state, labels, attempts); it is
    empty for other triggers.

    Raises:
        ExpressionError: an expression that cannot be rendered.
        UnknownCondition: a condition of an unknown type.
    """
    when = trigger.get("when")
    if when is not None and not renderer.truthy(when):
        return False
    return all(holds(condition, renderer, subject) for condition in conditions_of(trigger))


def conditioned(trigger: Mapping[str, object]) -> bool:
    """Whether a trigger has anything that `wanted` looks at."""
    return trigger.get("when") is not None or bool(conditions_of(trigger))


def unconditioned(trigger: Mapping[str, object]) -> dict[str, object]:
    """A trigger without what `wanted` looks at."""
    return {name: value for name, value in trigger.items() if name not in ("when", *_LISTS)}


def conditions_of(trigger: Mapping[str, object]) -> list[Condition]:
    """All conditions, whichever of the two names they stand under."""
    found: list[Condition] = []
    for name in _LISTS:
        items = trigger.get(name)
        found += [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return found


def holds(condition: Condition, renderer: Renderer, subject: Mapping[str, object]) -> bool:
    """Whether one condition holds.

    Raises:
        UnknownCondition: its type is none of those that are known.
    """
    name = str(condition.get("type", "")).rpartition(".")[2].removesuffix("Condition")
    if name in ("Not", "Or"):
        items = [holds(item, renderer, subject) for item in conditions_of(condition)]
        return not any(items) if name == "Not" else any(items)
    check = _CHECKS.get(name)
    if check is None:
        raise UnknownCondition(f"unknown condition type {condition.get('type')}")
    return check(condition, renderer, subject)


def _moment(condition: Condition, renderer: Renderer) -> datetime:
    text = renderer.text(str(condition.get("date", "{{ trigger.date }}")))
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ExpressionError(f"the condition's date is no date: {text!r}") from error


def _bound(condition: Condition, name: str, renderer: Renderer) -> str | None:
    value = condition.get(name)
    return None if value is None else renderer.text(str(value))


def _between(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    moment = _moment(condition, renderer)
    after, before = _bound(condition, "after", renderer), _bound(condition, "before", renderer)
    return (after is None or moment > datetime.fromisoformat(after)) and (
        before is None or moment < datetime.fromisoformat(before)
    )


def _time_between(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    moment = _moment(condition, renderer)
    after, before = _bound(condition, "after", renderer), _bound(condition, "before", renderer)
    return (after is None or _clock(moment, after)) and (before is None or not _clock(moment, before, equal=True))


def _clock(moment: datetime, bound: str, *, equal: bool = False) -> bool:
    limit = time.fromisoformat(bound)
    local = moment.astimezone(limit.tzinfo) if limit.tzinfo else moment
    here = local.time().replace(tzinfo=limit.tzinfo)
    return here >= limit if equal else here > limit


def _day_of_week(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    return _WEEK[_moment(condition, renderer).weekday()] == str(condition.get("dayOfWeek")).upper()


def _day_in_month(condition: Condition, renderer: Renderer, subject: Mapping[str, object]) -> bool:
    if not _day_of_week(condition, renderer, subject):
        return False
    day = _moment(condition, renderer).date()
    position = str(condition.get("dayInMonth")).upper()
    if position == "LAST":
        return (date.fromordinal(day.toordinal() + 7)).month != day.month
    return (day.day - 1) // 7 + 1 == _POSITIONS.get(position)


def _weekend(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    return _moment(condition, renderer).weekday() >= 5


def _public_holiday(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    """As the function of that name; needs the extra `holidays`."""
    given: dict[str, object] = {"day": _moment(condition, renderer).isoformat()}
    given |= {name: _bound(condition, name, renderer) for name in ("country", "subDivision")}
    place = "country, subDivision" if given["subDivision"] else "country"
    return renderer.truthy(f"{{{{ isPublicHoliday(day, {place}) }}}}", given)


def _expression(condition: Condition, renderer: Renderer, _: Mapping[str, object]) -> bool:
    text = renderer.text(str(condition.get("expression", ""))).strip()
    return text not in ("", "false")


def _of_flow(condition: Condition, _: Renderer, subject: Mapping[str, object]) -> bool:
    return all(condition.get(name) is None or condition[name] == subject.get(name) for name in ("namespace", "flowId"))


def _of_namespace(condition: Condition, _: Renderer, subject: Mapping[str, object]) -> bool:
    wanted_, found = str(condition.get("namespace", "")), str(subject.get("namespace", ""))
    comparison = "PREFIX" if is_on(condition.get("prefix")) else condition.get("comparison", "EQUALS")
    if comparison == "PREFIX":
        return found.startswith(wanted_)
    return found.endswith(wanted_) if comparison == "SUFFIX" else found == wanted_


def _status(condition: Condition, _: Renderer, subject: Mapping[str, object]) -> bool:
    within, without = condition.get("in"), condition.get("notIn")
    state = subject.get("state")
    return not (isinstance(within, list) and state not in within) and not (
        isinstance(without, list) and state in without
    )


def _labels(condition: Condition, _: Renderer, subject: Mapping[str, object]) -> bool:
    return labels_match(condition.get("labels"), subject.get("labels"))


def labels_match(wanted_: object, found: object) -> bool:
    """Whether all wanted labels (a map, or a list of key and value) are among those found (a map)."""
    have = found if isinstance(found, dict) else {}
    if isinstance(wanted_, dict):
        return all(have.get(key) == str(value) for key, value in wanted_.items())
    pairs = [item for item in wanted_ if isinstance(item, dict)] if isinstance(wanted_, list) else []
    return all(have.get(str(item.get("key"))) == str(item.get("value")) for item in pairs)


def _retried(condition: Condition, _: Renderer, subject: Mapping[str, object]) -> bool:
    states = subject.get("retried")
    found = set(states) if isinstance(states, Sequence) and not isinstance(states, str) else set()
    within, without = condition.get("in"), condition.get("notIn")
    if isinstance(within, list):
        return bool(found & set(within))
    return bool(found - set(without)) if isinstance(without, list) else bool(found)


_CHECKS: dict[str, Callable[[Condition, Renderer, Mapping[str, object]], bool]] = {
    "DateTimeBetween": _between,
    "TimeBetween": _time_between,
    "DayWeek": _day_of_week,
    "DayWeekInMonth": _day_in_month,
    "Weekend": _weekend,
    "PublicHoliday": _public_holiday,
    "Expression": _expression,
    "Variable": _expression,
    "ExecutionOutputs": _expression,
    "ExecutionFlow": _of_flow,
    "Flow": _of_flow,
    "ExecutionNamespace": _of_namespace,
    "ExecutionFlowNamespace": _of_namespace,
    "FlowNamespace": _of_namespace,
    "ExecutionStatus": _status,
    "ExecutionLabels": _labels,
    "HasRetryAttempt": _retried,
}

FILTERS: dict[str, Callable[[str, str], bool]] = {
    "EQUAL_TO": lambda found, value: found == value,
    "NOT_EQUAL_TO": lambda found, value: found != value,
    "STARTS_WITH": lambda found, value: found.startswith(value),
    "ENDS_WITH": lambda found, value: found.endswith(value),
    "CONTAINS": lambda found, value: value in found,
    "REGEX": lambda found, value: re.fullmatch(value, found) is not None,
}


def filter_holds(item: Condition, renderer: Renderer, subject: Mapping[str, object]) -> bool:
    """One filter of a precondition's `where`: `{field, type, value | values}`."""
    field, kind = str(item.get("field")), str(item.get("type"))
    names = {"FLOW_ID": "flowId", "NAMESPACE": "namespace", "STATE": "state"}
    if field == "EXPRESSION":
        truth = renderer.truthy(str(item.get("value", "")))
        return truth if kind == "IS_TRUE" else not truth
    found = str(subject.get(names.get(field, ""), ""))
    values = item.get("values")
    listed = [str(value) for value in values] if isinstance(values, list) else []
    if kind in ("IN", "NOT_IN"):
        return (found in listed) == (kind == "IN")
    if kind in ("IS_NULL", "IS_NOT_NULL"):
        return (found == "") == (kind == "IS_NULL")
    compare = FILTERS.get(kind)
    return compare is not None and compare(found, str(item.get("value")))
