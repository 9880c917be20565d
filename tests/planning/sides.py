"""A few objects of an environment, and what a plan of them says in a word."""

from __future__ import annotations

from flowctl.model.keys import FileKey, KvKey, ObjectKey
from flowctl.model.plan import Change, Plan
from tests.planning.sample import Content, flow

A, A_TEXT = flow("dev", "a", "one")
B, B_TEXT = flow("dev", "b", "two")
CALLER, CALLER_TEXT = flow("dev", "caller", ">dev/b")
FILE, VALUE = FileKey("dev", "/x.sql"), KvKey("dev", "LIMIT")
Objects = dict[ObjectKey, Content]
HERE: Objects = {A: A_TEXT, FILE: b"select 1", VALUE: ("NUMBER", 5)}


def actions(made: Plan) -> dict[str, str]:
    """Address → action."""
    return {change.key.address: change.action.value for change in made.changes}


def codes(made: Plan) -> list[str]:
    return [refusal.code for refusal in made.refusals]


def only(made: Plan) -> Change:
    (change,) = made.changes
    return change
