"""Values of SECRET inputs: where an execution has them, so that they can be hidden wherever they turn up.

The places are kept in the memo of the execution (for its inputs) and of a task run (for what a resume gave), so that
the values are known again after a restart without a look at the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowctl.engine.executor.records.records import Execution

SECRETS = "secrets"
"""The name in a memo: a list of places, each a list of keys from the outside inwards."""


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
    for run in execution.runs.values():
        yield from _values(run.memo, run.outputs)


def values_at(places: object, held: object) -> Iterator[str]:
    """The texts at some places of a structure."""
    for place in places if isinstance(places, list) else []:
        value = held
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))


def _values(memo: Mapping[str, object], held: object) -> Iterator[str]:
    yield from values_at(memo.get(SECRETS), held)
