"""Secret values: where an execution has them, so that they can be hidden wherever they turn up.

The store keeps such an execution sealed (`flowctl.engine.store.sealed`). The places are kept in the memo of the
execution (for its inputs, its outputs and its trigger) and of a task run (for its outputs), so that they are known
again after a restart without a look at the flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from flowctl.engine.executor.records.masking import SHORTEST
from flowctl.engine.executor.records.records import Execution, TaskRun

T = TypeVar("T")
HIDDEN = "******"
ENCRYPTED_TEXT = {"type": "io.kestra.datatype:aes_encrypted", "value": HIDDEN}
"""How an encrypted output is shown: in the form of real servers, without its bytes."""
EACH = "*"
"""The key of a place that means every member of a list."""
Place = list[str]
SECRETS = "secrets"
"""The name in a memo: a list of places, each a list of keys from the outside inwards, among the inputs of an execution
or the outputs of a task run."""
SECRET_OUTPUTS = "secret_outputs"
"""The same for the outputs of the flow."""
SECRET_TRIGGER = "secret_trigger"
"""The same for what started the execution."""
ENCRYPTED = "encrypted"
"""The same for encrypted texts, among the outputs of a task run or in what started the execution."""
KNOWN = "known_secrets"
"""The name in an execution's memo: secret values of other executions that it may have been told."""


def secret_places(declared: object, above: Sequence[str] = ()) -> list[Place]:
    """Where among resolved inputs the values of the SECRET ones are, in forms and lists of secrets too."""
    found: list[Place] = []
    for item in declared if isinstance(declared, list) else []:
        if not isinstance(item, dict):
            continue
        place = [*above, *str(item.get("id")).split(".")]
        if "SECRET" in (item.get("type"), item.get("itemType")):
            found.append(place)
        elif item.get("type") == "FORM":
            found += secret_places(item.get("inputs"), place)
    return found


def given_secrets(declared: object, given: object) -> list[Place]:
    """Where among inputs as somebody gives them, by their dotted ids or as maps, those of SECRET ones are."""
    places = secret_places(declared)
    places += [[".".join(place)] for place in places if len(place) > 1]
    return [place for place in places if concealed([place], given) != given]


def secret_outputs(declared: object) -> list[Place]:
    """Where among the outputs of a flow, or of a Loop's iteration, the SECRET ones are; a dot in an id is one."""
    items = [item for item in declared if isinstance(item, dict)] if isinstance(declared, list) else []
    return [[str(item.get("id"))] for item in items if "SECRET" in (item.get("type"), item.get("itemType"))]


def below(above: Sequence[str], places: object) -> list[Place]:
    """Places of a structure as those of one that has it below some keys."""
    return [[*above, *place] for place in places] if isinstance(places, list) else []


def secret_values(execution: Execution) -> Iterator[str]:
    """The values of an execution that are secret; what is encrypted is no single value."""
    memo = execution.memo
    yield from values_at(memo.get(SECRETS), execution.inputs)
    yield from values_at(memo.get(SECRET_OUTPUTS), execution.outputs)
    yield from values_at(memo.get(SECRET_TRIGGER), execution.trigger)
    known = memo.get(KNOWN)
    yield from known if isinstance(known, list) else ()
    for run in execution.runs.values():
        yield from values_at(run.memo.get(SECRETS), run.outputs)


def tell(execution: Execution, values: Iterable[str]) -> None:
    """Have an execution know secret values of another one: they are hidden where they turn up in it."""
    known = execution.memo.get(KNOWN)
    held = known if isinstance(known, list) else []
    fresh = sorted(set(values).difference(held))
    if fresh:
        execution.memo[KNOWN] = [*held, *fresh]


def plain_labels(execution: Execution, labels: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels without the secret values of an execution: executions are found by them, so they are stored in clear."""
    values = sorted(secret_values(execution), key=len, reverse=True) if execution.sealed else []
    return [(key, _without(value, values)) for key, value in labels]


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, HIDDEN) if len(value) >= SHORTEST else text
    return text


def shown_inputs(execution: Execution) -> dict[str, object] | None:
    """The inputs as anybody may see them."""
    return concealed(execution.memo.get(SECRETS), execution.inputs)


def shown_outputs(execution: Execution) -> dict[str, object] | None:
    """The outputs of the flow as anybody may see them."""
    return concealed(execution.memo.get(SECRET_OUTPUTS), execution.outputs)


def shown_trigger(execution: Execution) -> dict[str, object] | None:
    """What started the execution, as anybody may see it."""
    held = concealed(execution.memo.get(SECRET_TRIGGER), execution.trigger)
    return concealed(execution.memo.get(ENCRYPTED), held, ENCRYPTED_TEXT)


def shown_run_outputs(run: TaskRun) -> dict[str, object]:
    """The outputs of a task run as anybody may see them."""
    return concealed(run.memo.get(ENCRYPTED), concealed(run.memo.get(SECRETS), run.outputs), ENCRYPTED_TEXT)


def veil(execution: Execution, mask: Callable[[object], object] = lambda value: value) -> None:
    """Take the secrets out of a record that is only looked at; `mask` takes them out of what tasks made of them."""
    execution.inputs, execution.outputs = shown_inputs(execution), shown_outputs(execution)
    execution.trigger = shown_trigger(execution)
    for name in ("outputs", "trigger", "variables", "loop_run"):
        setattr(execution, name, mask(getattr(execution, name)))
    for run in execution.runs.values():
        shown, run.value = mask(shown_run_outputs(run)), run.value and str(mask(run.value))
        run.outputs = shown if isinstance(shown, dict) else {}


def values_at(places: object, held: object) -> Iterator[str]:
    """The texts at some places of a structure, those of lists of texts too."""
    for place in places if isinstance(places, list) else []:
        yield from _texts(held, place)


def _texts(held: object, place: Sequence[str]) -> Iterator[str]:
    if not place:
        yield from (item for item in (held if isinstance(held, list) else [held]) if isinstance(item, str))
    elif isinstance(held, dict):
        yield from _texts(held.get(place[0]), place[1:])
    elif isinstance(held, list) and place[0] == EACH:
        for item in held:
            yield from _texts(item, place[1:])


def concealed(places: object, held: T, hidden: object = HIDDEN) -> T:
    """A structure with `******` for the texts at some places; the same one when there are none."""
    for place in places if isinstance(places, list) else []:
        held = _hidden(held, place, hidden)  # type: ignore[assignment]  # the same kind of structure
    return held


def _hidden(held: object, place: Sequence[str], hidden: object) -> object:
    """The structure itself where nothing stands at the place."""
    if not place:
        if isinstance(held, list):
            return [hidden if isinstance(item, str) else item for item in held]
        return hidden if isinstance(held, str) else held
    if isinstance(held, Mapping):
        return {**held, place[0]: _hidden(held[place[0]], place[1:], hidden)} if place[0] in held else held
    if isinstance(held, list) and place[0] == EACH:
        return [_hidden(item, place[1:], hidden) for item in held]
    return held
