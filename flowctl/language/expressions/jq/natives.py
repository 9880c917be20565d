"""Functions of jq that are written here, by name and number of arguments."""

from __future__ import annotations

import json
from collections.abc import Callable

from flowctl.language.expressions.jq.formats import to_json, to_text
from flowctl.language.expressions.jq.matching import find_matches, has_match, split_by
from flowctl.language.expressions.jq.numbers import NUMBERS, Native, text
from flowctl.language.expressions.jq.values import (
    JqError,
    Value,
    compare,
    delete_paths,
    kind,
    normal,
    order,
    set_path,
    shown,
)
from flowctl.language.expressions.running import Run


def _length(run: Run, value: Value) -> Value:
    if value is None:
        return 0
    if isinstance(value, bool):
        raise JqError(f"{shown(value)} has no length")
    return abs(value) if isinstance(value, int | float) else len(value)


def _keys(run: Run, value: Value) -> Value:
    if isinstance(value, dict):
        return sorted(value)
    return list(range(len(_array(value, "has no keys"))))


def _array(value: Value, what: str) -> list[Value]:
    if not isinstance(value, list):
        raise JqError(f"{shown(value)} {what}")
    return value


def _has(run: Run, value: Value, key: Value) -> Value:
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, list) and kind(key) == "number":
        return 0 <= key < len(value)
    raise JqError(f"Cannot check whether {kind(value)} has a {kind(key)} key")


def _contains(run: Run, value: Value, other: Value) -> bool:
    run.tick()
    if kind(value) != kind(other):
        raise JqError(f"{shown(value)} and {shown(other)} cannot have their containment checked")
    if isinstance(value, dict):
        return all(key in value and _contained(run, value[key], item) for key, item in other.items())
    if isinstance(value, list):
        return all(any(_contained(run, item, wanted) for item in value) for wanted in other)
    return other in value if isinstance(value, str) else compare(value, other, run.tick) == 0


def _contained(run: Run, value: Value, other: Value) -> bool:
    return kind(value) == kind(other) and _contains(run, value, other)


def _sort(run: Run, value: Value) -> Value:
    return sorted(_array(value, "cannot be sorted, as it is not an array"), key=order(run.tick))


def _sort_by(run: Run, value: Value, keys: Value) -> Value:
    rank = order(run.tick)
    ranked = sorted(range(len(keys)), key=lambda i: rank(keys[i]))
    return [_array(value, "cannot be sorted, as it is not an array")[i] for i in ranked]


def _group_by(run: Run, value: Value, keys: Value) -> Value:
    items = _array(value, "cannot be grouped, as it is not an array")
    groups: list[list[Value]] = []
    latest: Value = None
    rank = order(run.tick)
    for i in sorted(range(len(keys)), key=lambda i: rank(keys[i])):
        if groups and compare(latest, keys[i], run.tick) == 0:
            groups[-1].append(items[i])
        else:
            groups.append([items[i]])
            latest = keys[i]
    return groups


def _extreme(largest: bool) -> Native:
    def find(run: Run, value: Value, keys: Value = None) -> Value:
        items = _array(value, "cannot be searched, as it is not an array")
        ranks = items if keys is None else keys
        if not items:
            return None
        best = 0
        for i in range(1, len(items)):
            found = compare(ranks[i], ranks[best], run.tick)
            if found > 0 or found == 0 if largest else found < 0:
                best = i
        return items[best]

    return find


def _reverse(run: Run, value: Value) -> Value:
    if value is not None and not isinstance(value, str | list):
        raise JqError(f"Cannot reverse {shown(value)}")
    return value[::-1] if value else []


def _flatten(run: Run, value: Value, depth: Value) -> Value:
    run.tick()
    if kind(depth) != "number" or depth < 0:
        raise JqError("flatten depth must not be negative")
    flat: list[Value] = []
    for item in _array(value, "cannot be flattened"):
        if isinstance(item, list) and depth != 0:
            flat += _flatten(run, item, depth - 1)
        else:
            flat.append(item)
        run.check_items(len(flat))
    return flat


def _to_number(run: Run, value: Value) -> Value:
    if kind(value) == "number":
        return value
    try:
        return normal(float(text(value, "cannot be parsed as a number")))
    except ValueError:
        raise JqError(f"{shown(value)} cannot be parsed as a number") from None


def _from_json(run: Run, value: Value) -> Value:
    try:
        return json.loads(text(value, "cannot be parsed as JSON"))
    except (ValueError, RecursionError):
        raise JqError(f"{shown(value)} (while it was read as JSON)") from None


def _indices(run: Run, value: Value, wanted: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, str):
        part = text(wanted, "cannot be searched for in a text")
        return [i for i in range(len(value)) if part and value.startswith(part, i)]
    if isinstance(wanted, list):
        items, size = _array(value, "cannot be searched"), len(wanted)
        return [i for i in range(len(items)) if size and compare(items[i : i + size], wanted, run.tick) == 0]
    return [i for i, item in enumerate(_array(value, "cannot be searched")) if compare(item, wanted, run.tick) == 0]


def _trim(strip: Callable[[str], str]) -> Native:
    return lambda run, value: strip(text(value, "cannot be trimmed"))


def _case(upper: bool) -> Native:
    def call(run: Run, value: Value) -> Value:
        source = text(value, "cannot change its case")
        return "".join((c.upper() if upper else c.lower()) if c.isascii() else c for c in source)

    return call


def _implode(run: Run, value: Value) -> Value:
    codes = _array(value, "cannot be imploded")
    if not all(isinstance(c, int) and 0 <= c < 0x110000 and not 0xD800 <= c < 0xE000 for c in codes):
        raise JqError("Unicode codepoints must be numeric and valid")
    return "".join(map(chr, codes))


def _error(run: Run, value: Value) -> Value:
    raise JqError(value)


def _set_path(run: Run, value: Value, path: Value, new: Value) -> Value:
    return set_path(value, tuple(_array(path, "is no path")), new)


def _delete_paths(run: Run, value: Value, paths: Value) -> Value:
    return delete_paths(value, [tuple(p) for p in _array(paths, "are no paths")], run.tick)


def _split(run: Run, value: Value, separator: Value) -> Value:
    source = text(value, "cannot be split")
    mark = text(separator, "cannot split a text")
    if not source:
        return []
    return source.split(mark) if mark else list(source)


def _to_string(run: Run, value: Value) -> Value:
    return to_text(value, run)


def _affix(test: Callable[[str, str], bool]) -> Native:
    return lambda run, value, wanted: test(
        text(value, "is no text with a beginning and an end"), text(wanted, "is no text")
    )


def _without(cut: Callable[[str, str], str]) -> Native:
    def call(run: Run, value: Value, affix: Value) -> Value:
        return cut(value, affix) if isinstance(value, str) and isinstance(affix, str) else value

    return call


def _bsearch(run: Run, value: Value, wanted: Value) -> Value:
    items = _array(value, "cannot be searched")
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if compare(items[middle], wanted, run.tick) < 0:
            low = middle + 1
        else:
            high = middle
    return low if low < len(items) and compare(items[low], wanted, run.tick) == 0 else -1 - low


def _ltrimmed(text: str) -> str:
    return text.lstrip()


NATIVES: dict[tuple[str, int], Native] = {
    **NUMBERS,
    ("length", 0): _length,
    ("utf8bytelength", 0): lambda run, value: len(text(value, "has no bytes").encode("utf-8", "replace")),
    ("type", 0): lambda run, value: kind(value),
    ("keys", 0): _keys,
    ("keys_unsorted", 0): lambda run, value: list(value) if isinstance(value, dict) else _keys(run, value),
    ("has", 1): _has,
    ("contains", 1): _contains,
    ("sort", 0): _sort,
    ("_sort_by", 1): _sort_by,
    ("_group_by", 1): _group_by,
    ("min", 0): _extreme(False),
    ("max", 0): _extreme(True),
    ("_min_by", 1): _extreme(False),
    ("_max_by", 1): _extreme(True),
    ("reverse", 0): _reverse,
    ("flatten", 1): _flatten,
    ("tostring", 0): _to_string,
    ("tonumber", 0): _to_number,
    ("tojson", 0): lambda run, value: to_json(value, run),
    ("fromjson", 0): _from_json,
    ("indices", 1): _indices,
    ("split", 1): _split,
    ("split", 2): split_by,
    ("test", 2): has_match,
    ("_match", 2): find_matches,
    ("explode", 0): lambda run, value: [ord(c) for c in text(value, "cannot be exploded")],
    ("implode", 0): _implode,
    ("ascii_downcase", 0): _case(False),
    ("ascii_upcase", 0): _case(True),
    ("trim", 0): _trim(str.strip),
    ("ltrim", 0): _trim(_ltrimmed),
    ("rtrim", 0): _trim(str.rstrip),
    ("startswith", 1): _affix(str.startswith),
    ("endswith", 1): _affix(str.endswith),
    ("ltrimstr", 1): _without(str.removeprefix),
    ("rtrimstr", 1): _without(str.removesuffix),
    ("error", 0): _error,
    ("setpath", 2): _set_path,
    ("delpaths", 1): _delete_paths,
    ("bsearch", 1): _bsearch,
}
