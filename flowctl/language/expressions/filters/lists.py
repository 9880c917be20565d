"""Filters over lists and maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cmp_to_key

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.java.utf16 import cut, units
from flowctl.language.expressions.operations.comparing import equal
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Filters, Given, optional_text, whole
from flowctl.language.expressions.values import HashMap, JavaArray, JavaSet, MapEntry, class_name, is_integer
from flowctl.language.expressions.writing import Writer

LIST_FILTERS = Filters()
Items = list[object] | tuple[object, ...]
NAMED: dict[type, str] = {JavaSet: "a set", JavaArray: "an array"}
REVERSE_HINT = "make it a list first: `x | flatten | reverse`"


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and not isinstance(value, MapEntry)


def _list(value: object, message: str) -> Items:
    if isinstance(value, list | tuple) and not isinstance(value, MapEntry):
        return value
    raise ExpressionError(message.format(type=class_name(value)))


def _end(value: object, name: str, index: int) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise ExpressionError("Index 0 out of bounds for length 0")
        return value[index]
    items = _list(value, f"The '{name}' filter takes a list or a text. Actual type was: {{type}}")
    return items[index] if items else None


@LIST_FILTERS.add("first")
def first(run: Run, value: object, given: Given) -> object:
    """The first element or character; null for an empty list."""
    return _end(value, "first", 0)


@LIST_FILTERS.add("last")
def last(run: Run, value: object, given: Given) -> object:
    """The last element or character; null for an empty list."""
    return _end(value, "last", -1)


def _rank(value: object) -> str:
    if value is None or isinstance(value, Mapping | list | tuple):
        raise ExpressionError(f"{class_name(value)} cannot be sorted")
    return "whole" if is_integer(value) else type(value).__name__


def _sorted(value: object, descending: bool, name: str) -> object:
    if value is None:
        return None
    if isinstance(value, JavaSet) or not _is_list(value):
        raise ExpressionError(f"Unsupported input type for {name} filter", hint="the filter takes a list")
    items = _list(value, "")
    if len(items) < 2:
        return list(items)
    if len({_rank(item) for item in items}) > 1:
        raise ExpressionError(f"The '{name}' filter takes elements of one type")
    return sorted(items, key=cmp_to_key(_compare), reverse=descending)


def _compare(a: object, b: object) -> int:
    return int(a > b) - int(a < b)  # type: ignore[operator]  # of one sortable type, see _sorted


@LIST_FILTERS.add("sort")
def sort(run: Run, value: object, given: Given) -> object:
    """A sorted copy; texts by character, capitals first."""
    return _sorted(value, False, "sort")


@LIST_FILTERS.add("rsort")
def rsort(run: Run, value: object, given: Given) -> object:
    """A copy sorted in reverse."""
    return _sorted(value, True, "rsort")


@LIST_FILTERS.add("reverse")
def reverse(run: Run, value: object, given: Given) -> object:
    """A reversed copy of a list."""
    if value is None:
        return None
    if isinstance(value, JavaSet | JavaArray):
        raise ExpressionError(f"The 'reverse' filter takes a list, not {NAMED[type(value)]}", hint=REVERSE_HINT)
    return list(reversed(_list(value, "The 'reverse' filter takes a list. Actual type was: {type}")))


@LIST_FILTERS.add("distinct")
def distinct(run: Run, value: object, given: Given) -> object:
    """The elements without repetitions, in order; null as the text `null`."""
    if value is None:
        return "null"
    items = _list(value, "Input must be a list, but received : {type}")
    kept: list[object] = []
    seen: set[tuple[str, object]] = set()
    for item in items:
        mark = (class_name(item), item)
        if isinstance(item, Mapping | list | tuple):
            run.tick()
            if not any(equal(item, other) for other in kept):
                kept.append(item)
        elif mark not in seen:
            seen.add(mark)
            kept.append(item)
    return kept


@LIST_FILTERS.add("flatten")
def flatten(run: Run, value: object, given: Given) -> object:
    """Lists inside the list replaced by their elements, one level deep."""
    if value is None:
        return None
    flat: list[object] = []
    for item in _list(value, "The 'flatten' filter can only be applied to lists."):
        if isinstance(item, list):
            flat.extend(item)
        else:
            flat.append(item)
        run.check_items(len(flat))
    return flat


@LIST_FILTERS.add("chunk", "size")
def chunk(run: Run, value: object, given: Given) -> object:
    """Lists of at most `size` elements each."""
    if value is None:
        return None
    items = _list(value, "'chunk' filter can only be applied to List. Actual type was: {type}")
    size = whole(given, "size", what="'chunk' filter expects an argument 'size'.")
    if size < 1:
        raise ExpressionError("The argument 'size' has to be at least 1")
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


@LIST_FILTERS.add("join", "separator")
def join(run: Run, value: object, given: Given) -> object:
    """The elements as text with a separator between them; a null element is `null`."""
    if value is None:
        return None
    message = "The 'join' filter expects that the input is either a collection or an array."
    items = _list(value, message)
    out = Writer(run.limit, run.late)
    separator = optional_text(given, "separator") or ""
    for index, item in enumerate(items):
        out.add(separator if index else "")
        out.add(java_text(item, out.left, run.late))
    return out.text()


@LIST_FILTERS.add("length")
def length(run: Run, value: object, given: Given) -> object:
    """Characters, elements or entries; 0 for null and for anything without a length."""
    if isinstance(value, str):
        return units(value)
    return len(value) if isinstance(value, Mapping | list | tuple | bytes) else 0


@LIST_FILTERS.add("slice", "fromIndex", "toIndex")
def slice_(run: Run, value: object, given: Given) -> object:
    """Part of a list or text, from an index up to before another, which has to be larger; to the end without one."""
    if value is None:
        return None
    if not isinstance(value, str | list) and not _is_list(value):
        raise ExpressionError(
            f"Slice filter can only be applied to String, List and array inputs. Actual type was: {class_name(value)}"
        )
    assert isinstance(value, str | list | tuple)
    size = units(value) if isinstance(value, str) else len(value)
    start = 0 if given.get("fromIndex") is None else whole(given, "fromIndex")
    end = None if given.get("toIndex") is None else whole(given, "toIndex")
    _check_slice(start, end, size)
    end = size if end is None else end
    return cut(value, start, end) if isinstance(value, str) else value[start:end]


def _check_slice(start: int, end: int | None, size: int) -> None:
    if start < 0:
        raise ExpressionError("fromIndex must be greater than 0")
    if start > size:
        raise ExpressionError(f"fromIndex must be smaller than input size: {size}")
    if end is None:
        return
    if end <= start:
        raise ExpressionError("toIndex must be greater than fromIndex")
    if end > size:
        raise ExpressionError(f"toIndex must be smaller than input size: {size}")


@LIST_FILTERS.add("merge", "items")
def merge(run: Run, value: object, given: Given) -> object:
    """Two lists in a row, or two maps of which the right one wins."""
    items = given.get("items")
    if items is None or value is None:
        if items is None and value is None:
            raise ExpressionError("The two arguments to be merged are null")
        return value if items is None else items
    if isinstance(value, Mapping):
        return _merge_map(value, items)
    if _is_list(value):
        merged = [*_list(value, ""), *_added(items)]
        run.check_items(len(merged))
        return merged
    raise ExpressionError("The object being filtered is not a Map/List/Array")


def _merge_map(value: Mapping[object, object], items: object) -> object:
    if isinstance(items, Mapping):
        return HashMap({**value, **items})
    if isinstance(items, list | tuple):
        merged: dict[object, object] = {java_text(item, 10_000): item for item in items}
        return HashMap({**value, **merged})
    raise ExpressionError(f"Currently, only Maps and Lists can be merged with a Map. Arg2: {class_name(items)}")


def _added(items: object) -> Iterable[object]:
    if isinstance(items, Mapping):
        return [HashMap({key: item}) for key, item in items.items()]
    if isinstance(items, list | tuple):
        return items
    raise ExpressionError(f"Currently, only Maps and Lists can be merged with a List. Arg2: {class_name(items)}")


@LIST_FILTERS.add("keys")
def keys(run: Run, value: object, given: Given) -> object:
    """The keys of a map as a set, or the indices of a list or array."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return JavaSet(value)
    items = _list(value, "'keys' filter can only be applied to maps and lists. Actual type was: {type}")
    return list(range(len(items)))


@LIST_FILTERS.add("values")
def values(run: Run, value: object, given: Given) -> object:
    """The values of a map."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return list(value.values())
    raise ExpressionError(f"'values' filter can only be applied to Map. Actual type was: {class_name(value)}")


@LIST_FILTERS.add("default", "default")
def default(run: Run, value: object, given: Given) -> object:
    """The argument in place of null, undefined, blank text and empty lists and maps."""
    blank = value is None or (isinstance(value, str) and not value.strip())
    if blank or (isinstance(value, Mapping | list | tuple) and not value):
        return given.get("default")
    return value
