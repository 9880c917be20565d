"""Values of SECRET inputs: where an execution has them, so that they can be hidden wherever they turn up.

Stored records have `******` at these places; the values are sealed in a table of their own (`flowctl.engine.secrets`).
The places are kept in the memo of the execution (for its inputs) and of a task run (for what a resume gave), so that
the values are known again after a restart without a look at the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from flowctl.engine.executor.records.records import Execution

T = TypeVar("T")
HIDDEN = "******"
Found = list[tuple[list[str], object]]
"""Places with what stands there: a text, or a list of them."""
SECRETS = "secrets"
"""The name in a memo: a list of places, each a list of keys from the outside inwards."""
SECRET_OUTPUTS = "secret_outputs"
"""The same for the outputs of the flow."""


def secret_places(declared: object, above: Sequence[str] = ()) -> list[list[str]]:
    """Where among resolved inputs the values of the SECRET ones are, in forms and lists of secrets too."""
    found: list[list[str]] = []
    for item in declared if isinstance(declared, list) else []:
        if not isinstance(item, dict):
            continue
        place = [*above, *str(item.get("id")).split(".")]
        if "SECRET" in (item.get("type"), item.get("itemType")):
            found.append(place)
        elif item.get("type") == "FORM":
            found += secret_places(item.get("inputs"), place)
    return found


def secret_values(execution: Execution) -> Iterator[str]:
    """The values of an execution that are secret."""
    yield from _values(execution.memo, execution.inputs)
    yield from values_at(execution.memo.get(SECRET_OUTPUTS), execution.outputs)
    for run in execution.runs.values():
        yield from _values(run.memo, run.outputs)


def texts_at(places: object, held: object) -> Found:
    """What stands at some places of a structure, where it is a text or a list."""
    found: Found = []
    for place in places if isinstance(places, list) else []:
        value = held
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str | list):
            found.append((list(place), value))
    return found


def values_of(texts: Found) -> Iterator[str]:
    """The texts, those of lists too."""
    for _, value in texts:
        yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))


def values_at(places: object, held: object) -> Iterator[str]:
    """The texts at some places of a structure."""
    return values_of(texts_at(places, held))


def put_back(held: object, texts: Found) -> None:
    """Write values to their places in a structure; a place that is not there any more is left out."""
    for place, value in texts:
        node = held
        for key in place[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict) and place[-1] in node:
            node[place[-1]] = value


def concealed(places: object, held: T) -> T:
    """A structure with `******` for the texts at some places; the same one when there are none."""
    for place, value in texts_at(places, held):
        hidden = [HIDDEN if isinstance(item, str) else item for item in value] if isinstance(value, list) else HIDDEN
        held = _with(held, place, hidden)
    return held


def _with(held: T, place: list[str], value: object) -> T:
    assert isinstance(held, dict)
    changed = value if len(place) == 1 else _with(held[place[0]], place[1:], value)
    return {**held, place[0]: changed}  # type: ignore[return-value]  # the same kind of map, with one member changed


def _values(memo: Mapping[str, object], held: object) -> Iterator[str]:
    yield from values_at(memo.get(SECRETS), held)
