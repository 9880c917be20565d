"""Executions and their logs as lines of text."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flowctl.views.ansi import printable

LEVELS = {"ERROR": "31", "WARN": "33", "DEBUG": "2", "TRACE": "2"}
STATES = {"SUCCESS": "32", "WARNING": "33", "FAILED": "31", "KILLED": "31", "CANCELLED": "31"}
LINK = re.compile(
    r'\[\[link execution="(?P<execution>\w+)" flowId="(?P<flow>[^"]+)" namespace="(?P<namespace>[^"]+)"]]'
)
SMALL = re.compile(r"(\.\d\d)\d+s$")
"""What of a second nobody reads."""
ENDED = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"})


def as_document(entry: Mapping[str, Any]) -> str:
    """An execution or a log entry as JSON for programs, with the version of our output before what the server says."""
    return json.dumps({"format": "1.0", **entry})


def state_of(execution: Mapping[str, Any]) -> str:
    """The current state's name."""
    return str(execution.get("state", {}).get("current", "UNKNOWN"))


def has_ended(execution: Mapping[str, Any]) -> bool:
    """Whether nothing will happen any more."""
    return state_of(execution) in ENDED


def plain_links(message: str) -> str:
    """A message whose links, which a web page would show, are names: the execution, and the flow in brackets."""
    return LINK.sub(lambda link: f"{link['execution']} ({link['namespace']}/{link['flow']})", message)


def log_line(entry: Mapping[str, Any], *, colour: bool) -> str:
    """One log entry: time of day, level, task, message; further lines of a message are indented."""
    moment = str(entry.get("timestamp", ""))[11:23].rstrip("Z")
    level = str(entry.get("level", "INFO"))
    task = str(entry.get("taskId") or "-")
    message = plain_links(str(entry.get("message", ""))).rstrip("\n").replace("\n", "\n    ")
    return f"{moment:<12} {paint(f'{level:<5}', LEVELS.get(level), colour=colour)} {task}  {message}"


def end_line(execution: Mapping[str, Any], *, colour: bool) -> str:
    """How an execution ended, and how long it took."""
    state = state_of(execution)
    took = str(execution.get("state", {}).get("duration") or "").removeprefix("PT").lower()
    took = SMALL.sub(r"\1s", took)
    name = f"{execution.get('namespace')}/{execution.get('flowId')}"
    after = f" after {took}" if took else ""
    return f"Execution {execution.get('id')} of {name}: {paint(state, STATES.get(state), colour=colour)}{after}"


def paint(text: str, code: str | None, *, colour: bool) -> str:
    """Text in one of the terminal's colours."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour and code else text


def not_taken(given: Iterable[str], execution: Mapping[str, Any]) -> str | None:
    """Which of the inputs given a new execution does not have; None when it has them all.

    A server leaves out what the flow does not ask for, or not under these circumstances, and says nothing.
    """
    inputs = execution.get("inputs") or {}
    unknown = [name for name in dict.fromkeys(given) if not _holds(inputs, name.split("."))]
    return _note(f"{execution.get('namespace')}/{execution.get('flowId')}", unknown, inputs)


def not_asked_for(what: str, given: Iterable[str], known: Collection[str]) -> str | None:
    """Which of the inputs given `what`, a flow or a task, has no declaration for; None when it has them all."""
    return _note(what, [name for name in dict.fromkeys(given) if name not in known], known)


def _note(what: str, unknown: Collection[str], known: Collection[str]) -> str | None:
    if not unknown:
        return None
    has = f"its inputs are {', '.join(known)}" if known else "it has no inputs"
    noun = "input" if len(unknown) == 1 else "inputs"
    return printable(f"Note: {what} took no {noun} {', '.join(unknown)}; {has}.")


def _holds(inputs: object, path: list[str]) -> bool:
    """Whether nested maps hold a path: the input `a.b` is `b` of `a`."""
    if not path:
        return True
    return isinstance(inputs, Mapping) and path[0] in inputs and _holds(inputs[path[0]], path[1:])
