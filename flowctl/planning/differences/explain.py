"""What differs between two documents, place by place. It explains; whether something changed is decided by digest.

The only module that knows DeepDiff. It compares values of the same kind only (`1` and `true` differ), items of a list
by their `id` where they have one (see `keyed`), other lists by their longest common run.
"""

from __future__ import annotations

from typing import Any

from flowctl.model.plan import FieldChange
from flowctl.planning.differences.keyed import key_by_id, place_of, reorders, unkeyed
from flowctl.planning.differences.masking import MASK, Hidden, veil

_OPS = {
    "dictionary_item_added": "add",
    "iterable_item_added": "add",
    "dictionary_item_removed": "remove",
    "iterable_item_removed": "remove",
    "values_changed": "change",
    "type_changes": "change",
}


def explain(before: object, after: object) -> tuple[FieldChange, ...]:
    """The places at which two documents (plain data) differ, by place. Secret values are masked.

    Empty only when the documents are equal, in the strict sense of `same`.
    """
    left, right = key_by_id(veil(before), veil(after))
    found = [*_differences(left, right), *reorders(left, right)]
    if not found and not same(before, after):
        found.append(FieldChange("", "change"))
    return tuple(sorted(found, key=lambda change: (change.place, change.op)))


def _differences(left: object, right: object) -> list[FieldChange]:
    from deepdiff import DeepDiff

    tree = DeepDiff(left, right, view="tree", ignore_nan_inequality=True, threshold_to_diff_deeper=0)
    return [_field(_OPS[kind], level) for kind, levels in tree.items() if kind in _OPS for level in levels]


def _field(op: str, level: Any) -> FieldChange:  # DeepDiff's nodes carry no types
    path = tuple(level.path(output_format="list", force="fake"))
    before, after = (None if op == "add" else _shown(level.t1)), (None if op == "remove" else _shown(level.t2))
    return FieldChange(place_of(path), op, before, after)


def _shown(value: object) -> object:
    """Plain JSON data without anything secret."""
    if isinstance(value, Hidden):
        return MASK
    if isinstance(value, dict):
        return _shown_map(value)
    return [_shown(item) for item in value] if isinstance(value, list) else value


def _shown_map(value: dict[str, object]) -> object:
    plain = unkeyed(value)
    if isinstance(plain, dict):
        return {key: _shown(item) for key, item in plain.items()}
    return _shown(plain)


def same(one: object, other: object) -> bool:
    """Whether two documents are equal, kinds of scalars included (`1`, `1.0` and `true` are three values)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
