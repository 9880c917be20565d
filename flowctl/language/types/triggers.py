"""`io.kestra.plugin.core.trigger.*` and the legacy conditions."""

from __future__ import annotations

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    ONLY_2,
    anything,
    choice,
    count,
    data,
    flag,
    literal,
    mapping,
    part,
    record,
    sequence,
    span,
    switch,
    text,
)
from flowctl.language.types.common import STATES, trigger
from flowctl.language.types.spec import PropertySpec, TypeSpec

_TRIGGER = "io.kestra.plugin.core.trigger."
_OLD = "io.kestra.core.models.triggers.types."
_CONDITION = "io.kestra.plugin.core.condition."
_OLD_CONDITION = "io.kestra.core.models.conditions.types."

_RECOVER = choice("ALL", "LAST", "NONE", default="ALL", description="What to do with dates missed while down.")
_STATES = sequence(of=choice(*STATES))
_LABELS = part("labels")
_DEADLINE = literal("Time of day.")
_WINDOW = record(
    {
        "deadline": _DEADLINE,
        "from": _DEADLINE,
        "to": _DEADLINE,
        "every": span(),
        "offset": span(),
        "lookback": span(),
        "fireOnce": flag(),
        "timezone": literal("Zone of the times of day."),
    },
    "Within which time all must have happened.",
    dialects=ONLY_2,
)
_DEPENDENCY = record(
    {
        "namespace": literal(),
        "flowId": literal(),
        "states": _STATES,
        "labels": _LABELS,
        "when": text(),
    }
)
_FILTER = record({"field": literal(), "type": literal(), "value": data(), "values": data()})
_PRECONDITIONS = record(
    {
        "id": literal(),
        "timeWindow": mapping(),
        "resetOnSuccess": flag(True),
        "flows": sequence(
            of=record({"namespace": literal(), "flowId": literal(), "states": _STATES, "labels": _LABELS})
        ),
        "where": sequence(
            of=record({"id": literal(), "operand": choice("AND", "OR"), "filters": sequence(of=_FILTER)})
        ),
    },
    dialects=ONLY_1,
    deprecated="`dependsOn`, `mode` and `window`",
)
_FLOW_VARIABLES: dict[str, PropertySpec] = {
    "executionId": literal(),
    "namespace": literal(),
    "flowId": literal(),
    "flowRevision": count(),
    "state": choice(*STATES),
    "outputs": mapping(),
    "executionLabels": mapping(),
    "startDate": literal(),
    "endDate": literal(),
    "firstFailedTaskId": literal(),
    "lastTaskId": literal(),
}

TYPES: tuple[TypeSpec, ...] = (
    trigger(
        _TRIGGER + "Schedule",
        "Start at the times of a cron expression.",
        {
            "cron": literal("Five fields, six with `withSeconds`, or a nickname.", required=True),
            "withSeconds": flag(False),
            "timezone": literal("Zone of the times; the server's by default."),
            "interval": span(),
            "lateMaximumDelay": span("Older dates are skipped."),
            "recoverMissedSchedules": _RECOVER,
            "backfill": mapping(dialects=ONLY_1, deprecated="a backfill started on the server"),
            "scheduleConditions": part("conditions", dialects=ONLY_1, deprecated="`when`"),
        },
        {"date": literal(), "next": literal(), "previous": literal()},
        aliases=(_OLD + "Schedule",),
    ),
    trigger(
        _TRIGGER + "ScheduleOnDates",
        "Start at given dates.",
        {
            "dates": sequence("The dates.", required=True),
            "timezone": literal(),
            "interval": span(),
            "lateMaximumDelay": span(dialects=ANNOUNCED),
            "recoverMissedSchedules": _RECOVER,
        },
        {"date": literal(), "next": literal(), "previous": literal()},
    ),
    trigger(
        _TRIGGER + "Webhook",
        "Start by an HTTP request.",
        {
            "key": literal("The secret part of the address.", required=True, max_length=256),
            "wait": flag(False),
            "returnOutputs": flag(False),
            "responseContentType": literal(),
            "responseCode": data(),
            "fetchType": choice("FETCH", "STORE", "NONE", dialects=ONLY_2),
        },
        {"body": data(), "headers": mapping(), "parameters": mapping()},
        aliases=(_OLD + "Webhook",),
    ),
    trigger(
        _TRIGGER + "Flow",
        "Start when other flows' executions reach a state.",
        {
            "states": _STATES,
            "dependsOn": sequence(of=_DEPENDENCY, dialects=ONLY_2),
            "mode": choice("ALL", "ANY", "AT_LEAST", default="ALL", dialects=ONLY_2),
            "minSatisfied": count(dialects=ONLY_2),
            "window": _WINDOW,
            "onMiss": record({"behavior": choice("FAIL"), "labels": _LABELS}, dialects=ANNOUNCED),
            "preconditions": _PRECONDITIONS,
        },
        _FLOW_VARIABLES,
        aliases=(_OLD + "Flow",),
    ),
)


def _condition(name: str, title: str, own: dict[str, PropertySpec], *aliases: str) -> TypeSpec:
    """A condition; every one but MultipleCondition once had a name that ends in `Condition`."""
    properties = {"type": literal("The type.", required=True), "id": literal(), "version": literal(), **own}
    suffix = "" if name.endswith("Condition") else "Condition"
    old = [name + suffix, *aliases]
    names = [_OLD_CONDITION + one for one in old] + [_CONDITION + one for one in old if one != name]
    return TypeSpec(_CONDITION + name, "condition", properties, aliases=tuple(names), dialects=ONLY_1, title=title)


_DATE = text(default="{{ trigger.date }}")
_WHEN = {"in": _STATES, "notIn": _STATES}

CONDITIONS: tuple[TypeSpec, ...] = (
    _condition("DateTimeBetween", "Between two dates.", {"date": _DATE, "after": text(), "before": text()}),
    _condition("DayWeek", "On a day of the week.", {"date": _DATE, "dayOfWeek": text(required=True)}),
    _condition(
        "DayWeekInMonth",
        "On the first, second, … or last such day of the month.",
        {"date": _DATE, "dayOfWeek": text(required=True), "dayInMonth": text(required=True)},
    ),
    _condition("Weekend", "On Saturday or Sunday.", {"date": _DATE}),
    _condition("PublicHoliday", "On a public holiday.", {"date": _DATE, "country": text(), "subDivision": text()}),
    _condition("TimeBetween", "Between two times of day.", {"date": _DATE, "after": text(), "before": text()}),
    _condition("ExecutionFlow", "Of a flow.", {"namespace": text(required=True), "flowId": text(required=True)}),
    _condition(
        "ExecutionNamespace",
        "Of a namespace.",
        {
            "namespace": text(required=True),
            "comparison": choice("EQUALS", "PREFIX", "SUFFIX"),
            "prefix": switch(),
        },
    ),
    _condition("ExecutionStatus", "In a state.", dict(_WHEN)),
    _condition("ExecutionLabels", "With labels.", {"labels": anything(required=True)}),
    _condition("ExecutionOutputs", "With outputs.", {"expression": text(required=True)}),
    _condition("HasRetryAttempt", "With a task run in a state of retry.", dict(_WHEN)),
    _condition("Flow", "Of a flow.", {"namespace": text(required=True), "flowId": text(required=True)}),
    _condition("FlowNamespace", "Of a namespace.", {"namespace": text(required=True), "prefix": switch()}),
    _condition("Expression", "An expression is true.", {"expression": text(required=True)}, "VariableCondition"),
    _condition("Not", "None of some conditions.", {"conditions": part("conditions", required=True)}),
    _condition("Or", "One of some conditions.", {"conditions": part("conditions", required=True)}),
    _condition(
        "MultipleCondition",
        "Several conditions within a time.",
        {
            "window": span(),
            "windowAdvance": span(),
            "timeWindow": mapping(),
            "resetOnSuccess": flag(True),
            "conditions": mapping(required=True),
        },
    ),
)
