"""Which of two tasks of a flow runs first, told by where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from flowctl.planning.hazards.sighting import Path

Relation = Literal["before", "later", "beside", "instead"]

_PHASES = ("tasks", "errors", "finally", "afterExecution")
_IN_ORDER = frozenset(("Sequential", "AllowFailure", "If", "Switch", "Loop", "WorkingDirectory", "Pause", "Approval"))
_AT_ONCE = frozenset(("Parallel", "Dag"))
_BRANCHES = frozenset(("then", "else", "cases", "defaults"))

Value = Mapping[str, object]


def relation(flow: Value, here: Path, there: Path) -> Relation | None:
    """How the task at `there` runs, seen from the text at `here`: `before` it, `later`, `beside` it (at the same time
    or in any order), or `instead` of it. None where it cannot be told: in rounds, and in types that nobody knows."""
    at = next((index for index, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), None)
    if at is None:
        return None
    mine, other = here[at], there[at]
    owner, type_ = _owner(flow, here[:at])
    if isinstance(mine, str) and isinstance(other, str):
        return _parts(here[:at], mine, other)
    if not isinstance(mine, int) or not isinstance(other, int):
        return None
    if at == 1 or type_ in _IN_ORDER:
        return "later" if other > mine else "before"
    if type_ in _AT_ONCE and "concurrent" not in owner:
        return _members(owner, mine, other) if type_ == "Dag" else "beside"
    return None


def _parts(above: Path, mine: str, other: str) -> Relation | None:
    """Two lists of one flow or task: phases follow one another, branches exclude each other."""
    if mine in _PHASES and other in _PHASES:
        return "later" if _PHASES.index(other) > _PHASES.index(mine) else "before"
    if (mine in _BRANCHES and other in _BRANCHES) or (above and above[-1] == "cases"):
        return "instead"
    return None


def _members(dag: Value, mine: int, other: int) -> Relation:
    """Two members of a Dag: by what they depend on, directly or not."""
    members = dag.get("tasks")
    needs = dict(_needs(member) for member in members) if isinstance(members, list) else {}
    names = list(needs)
    if max(mine, other) >= len(names):
        return "beside"
    if names[other] in _reach(needs, names[mine]):
        return "before"
    return "later" if names[mine] in _reach(needs, names[other]) else "beside"


def _needs(member: object) -> tuple[object, list[object]]:
    if not isinstance(member, dict) or not isinstance(member.get("task"), dict):
        return id(member), []
    named = member.get("dependsOn")
    return member["task"].get("id"), named if isinstance(named, list) else []


def _reach(needs: Mapping[object, list[object]], name: object) -> set[object]:
    found: set[object] = set()
    todo = list(needs.get(name, ()))
    while todo:
        one = todo.pop()
        if one not in found and isinstance(one, str):
            found.add(one)
            todo += needs.get(one, [])
    return found


def _owner(flow: Value, path: Path) -> tuple[Value, str]:
    """The innermost task that a list at a path belongs to, and the last word of its type."""
    owner, value = flow, _Any(flow)
    for step in path:
        value = value.at(step)
        if isinstance(value.held, dict) and "type" in value.held:
            owner = value.held
    return owner, str(owner.get("type", "")).rpartition(".")[2]


class _Any:
    """A value that can be stepped into, whatever it is."""

    def __init__(self, held: object) -> None:
        self.held = held

    def at(self, step: str | int) -> _Any:
        if isinstance(self.held, dict):
            return _Any(self.held.get(step))
        if isinstance(self.held, list) and isinstance(step, int) and step < len(self.held):
            return _Any(self.held[step])
        return _Any(None)
