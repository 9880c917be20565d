"""What is deliberately different in the target: the values that its `overrides` name stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowctl.flowtext.document import Path, parse
from flowctl.flowtext.edits import set_value
from flowctl.flowtext.places import PlaceError, parse_place
from flowctl.flowtext.splice import SpliceError
from flowctl.model.keys import FlowKey
from flowctl.model.promotion import Rewrite
from flowctl.promoting.rewriting import Rewritten

Overrides = Mapping[str, object]


def overrides_of(key: FlowKey, overrides: Overrides) -> dict[str, object]:
    """The overrides of one flow: place to value."""
    prefix = f"{key}/"
    return {name[len(prefix) :]: value for name, value in overrides.items() if name.startswith(prefix)}


def of_no_flow(overrides: Overrides, flows: Iterable[FlowKey]) -> list[str]:
    """The overrides that are about none of these flows: a mistyped one would be kept by nobody."""
    prefixes = tuple(f"{key}/" for key in flows)
    return [name for name in overrides if not name.startswith(prefixes)]


def keep_overrides(text: str, key: FlowKey, overrides: Overrides) -> Rewritten:
    """The text with the target's own values at the places that `overrides` names (`NS/ID/PLACE: value`).

    A last key that the source does not have, such as `disabled`, is added to the map it belongs to.

    Raises:
        SpliceError: the source has nothing at such a place, or the value cannot be put there safely.
        YamlProblem: the text is not sound.
    """
    changes = []
    for place, value in overrides_of(key, overrides).items():
        root = parse(text).value
        path, before = _find(root, place)
        if before == value and type(before) is type(value):
            continue
        text = set_value(text, path, value)
        changes.append(Rewrite(place, before, value))
    return Rewritten(text, tuple(changes))


def _find(root: object, place: str) -> tuple[Path, object]:
    """The path of a place and its value; a last key that is not there has the value None."""
    try:
        path = parse_place(root, place)
    except PlaceError:
        around, _, last = place.rpartition(".")
        if last.endswith("]"):
            raise SpliceError(f"the override {place} has no place in this text") from None
        return (*_around(root, around, place), last), None
    value = root
    for step in path:
        value = value[step]  # type: ignore[index]  # parse_place found this path in these very maps and lists
    return path, value


def _around(root: object, around: str, place: str) -> Path:
    if not around:
        return ()
    try:
        return parse_place(root, around)
    except PlaceError:
        raise SpliceError(f"the override {place} has no place in this text: there is no {around}") from None
