"""Values that come from environment variables: read when a plan is applied, kept in memory only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.applying import refusals
from flowctl.errors import ApplyError
from flowctl.flowtext.digests import kv_digest
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import KvKey, ObjectKey
from flowctl.model.ledger import Ledger
from flowctl.model.plan import Action, Change, Plan

WRITES = (Action.CREATE, Action.UPDATE, Action.ADOPT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key-value as it is to be: type, value and plain digest; `secret` when it came from a variable."""

    type: str
    value: object
    digest: str
    secret: bool


def wanted_values(plan: Plan, environ: Mapping[str, str]) -> dict[ObjectKey, Wanted]:
    """Every key-value that a plan writes or adopts.

    Raises:
        ApplyError: A102, variables are missing or hold no value of their type; all of them are reported.
    """
    found: dict[ObjectKey, Wanted] = {}
    problems: list[Diagnostic] = []
    for change in plan.changes:
        if isinstance(change.key, KvKey) and change.action in WRITES and change.after is not None:
            value = _wanted(change, environ)
            if isinstance(value, Diagnostic):
                problems.append(value)
            else:
                found[change.key] = value
    if problems:
        raise ApplyError(*problems)
    return found


def _wanted(change: Change, environ: Mapping[str, str]) -> Wanted | Diagnostic:
    after = change.after
    assert after is not None
    kind = str(after.type or "STRING")
    if after.env is None:
        return Wanted(kind, after.value, after.digest or kv_digest(kind, after.value), secret=False)
    text = environ.get(after.env)
    if text is None:
        return refusals.variable_missing(change.key, after.env, change.path)
    try:
        value = typed(kind, text)
    except (ValueError, RecursionError):
        return refusals.variable_unsound(change.key, after.env, kind, change.path)
    return Wanted(kind, value, kv_digest(kind, value), secret=True)


def typed(kind: str, text: str) -> object:
    """A variable's text as a value of a type, as a plan reads it: texts, moments and durations stand as they are.

    Raises:
        ValueError: it is none.
    """
    if kind not in ("NUMBER", "BOOLEAN", "JSON"):
        return text
    value: object = json.loads(text)
    fits = {"NUMBER": isinstance(value, int | float), "BOOLEAN": isinstance(value, bool), "JSON": True}
    if not fits[kind] or (kind == "NUMBER" and isinstance(value, bool)):
        raise ValueError(f"not a {kind}")
    return value


def check_unchanged(plan: Plan, values: Mapping[ObjectKey, Wanted], ledger: Ledger | None) -> list[Diagnostic]:
    """A116 for each variable that holds another value than the one whose keyed digest the plan carries."""
    if ledger is None:
        return []
    return [
        refusals.value_changed(change.key, change.after.env)
        for change in plan.changes
        if change.after is not None
        and change.after.env is not None
        and change.after.digest is not None
        and change.key in values
        and ledger.keyed(values[change.key].digest) != change.after.digest
    ]
