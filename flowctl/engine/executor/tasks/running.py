"""Calling a task: every way in which it can end becomes an `Outcome`; nothing it raises goes further."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import orjson

from flowctl.engine.executor.records.states import FAILED, KILLED
from flowctl.engine.executor.records.storage import Forbidden, NoSuchFile
from flowctl.engine.executor.tasks.outcomes import TOO_LARGE, Outcome
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import Killed, Result, RunContext, Task, TaskFailure, TimedOut
from flowctl.engine.store.jsontext import load
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java.printing import json_text

Log = Callable[[str, str], None]


def call(task: Task, context: RunContext, properties: Properties, log: Log) -> Outcome:
    """Run a task to its end."""
    try:
        return _outcome(task.run(context, properties))
    except TaskFailure as failure:
        if failure.message:
            log("ERROR", failure.message)
        return Outcome(FAILED, _plain(failure.outputs), tolerable=failure.tolerable)
    except Killed:
        return Outcome(KILLED)
    except TimedOut:
        return Outcome(FAILED)
    except (ExpressionError, BadProperty, NoSuchFile, Forbidden) as error:
        log("ERROR", str(error))
        return Outcome(FAILED)
    except Exception as error:  # a task may raise anything: it fails alone
        log("ERROR", f"{type(error).__name__}: {error}")
        log("DEBUG", traceback.format_exc())
        return Outcome(FAILED)


def _outcome(result: object) -> Outcome:
    if isinstance(result, Result):
        return Outcome(
            state=result.exit or result.state,
            outputs=_plain(result.outputs),
            labels=dict(result.labels) if result.labels else None,
            variables=_plain(result.variables) if result.variables else None,
            unset=list(result.unset),
            exit=result.exit,
            encrypted=list(result.encrypted),
        )
    return Outcome(outputs=_plain(result or {}))


def _plain(value: object) -> dict[str, object]:
    """Outputs as JSON data.

    Raises:
        TaskFailure: they are no map, or larger than the store takes.
    """
    if not value:
        return {}
    text = json_bytes(value)
    if len(text) > TOO_LARGE:
        raise TaskFailure(f"the outputs are {len(text)} bytes, more than {TOO_LARGE}; write a file instead")
    data = load(text)
    if not isinstance(data, dict):
        raise TaskFailure(f"the outputs are no map but {type(value).__name__}")
    return data


def json_bytes(value: object) -> bytes:
    """JSON of a value that may hold the expression language's own types; dates become text."""
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:
        return json_text(value, TOO_LARGE).encode("utf-8", "replace")  # half a surrogate pair is no text
