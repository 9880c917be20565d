"""What the tests of the client say and hear: flows, filters, states."""

from __future__ import annotations

from kestrapy import KestraClient
from kestrapy.models.query_filter import QueryFilter
from kestrapy.models.query_filter_field import QueryFilterField as Field
from kestrapy.query import eq, or_

MAIN = "main"
PAST, FUTURE = "2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"
FLOWS = (("one", "filt.a", "data"), ("two", "filt.a", "ops"), ("three", "filt.a.b", "data"), ("four", "filt.ab", "x,y"))
TRIGGERS = """triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: monthly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 * *", disabled: true}
"""
ONE_OR_FOUR = or_(eq(Field.FLOW_ID, "one"), eq(Field.FLOW_ID, "four"))


def source(id_: str, namespace: str, tasks: str = "", extra: str = "") -> str:
    tasks = tasks or '  - {id: hello, type: io.kestra.plugin.core.log.Log, message: "hello {{ inputs.name }}"}\n'
    file = "" if "Schedule" in extra else "  - {id: data, type: FILE, required: false}\n"  # a schedule gives no file
    return (
        f"id: {id_}\nnamespace: {namespace}\nlabels: {{team: data}}\n"
        f"inputs:\n  - {{id: name, type: STRING, defaults: world}}\n{file}"
        f"tasks:\n{tasks}{extra}"
    )


def where(field: str, value: str, operation: str = "EQUALS") -> list[QueryFilter]:
    return [QueryFilter(field=field, operation=operation, value=value)]


def state_of(execution: object) -> str:
    return str(execution.state.current.value)  # type: ignore[attr-defined]  # one of several generated models


def ended(client: KestraClient, id_: str) -> str:
    """The final state: the stream of the execution ends with it."""
    return [state_of(event) for event in client.executions.follow_execution(id_, MAIN)][-1]


def reached(client: KestraClient, id_: str, *states: str) -> str:
    """The first of the states that an execution has or comes to; its final one when it ends otherwise."""
    found = ""
    for event in client.executions.follow_execution(id_, MAIN):
        found = state_of(event)
        if found in states:
            break
    return found
