"""A flow's text for another environment: its namespace and what names the source's namespace, nothing else.

Every edit is a splice of one value that is read back afterwards (`flowctl.flowtext.edits`), so that comments, quotes,
layout and line ends stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flowctl.flowtext.document import Document, Path, parse
from flowctl.flowtext.edits import replace_scalar
from flowctl.flowtext.places import format_place
from flowctl.model.promotion import Leftover, Rewrite
from flowctl.promoting.route import Route

# Where tasks, triggers and conditions stand; inputs, labels and variables hold the user's own words.
SECTIONS = frozenset(
    ("tasks", "errors", "finally", "afterExecution", "errorHandling", "triggers", "listeners", "conditions")
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text for the target, and the places that are different from the source's."""

    text: str
    changes: tuple[Rewrite, ...] = ()


def rewrite(text: str, route: Route) -> Rewritten:
    """The text with the source's namespaces replaced: the flow's own, and those of subflows, triggers and tasks.

    Raises:
        SpliceError: a namespace stands where it cannot be replaced without touching something else (an anchor).
        YamlProblem: the text is not sound.
    """
    document = parse(text)
    changes = []
    for path, value in _namespaces(document):
        after = route.namespace(value)
        if after != value:
            text = replace_scalar(text, path, after)
            changes.append(Rewrite(format_place(document.value, path), value, after))
    return Rewritten(text, tuple(changes))


def leftovers(text: str, route: Route, shown: str) -> tuple[Leftover, ...]:
    """Lines outside comments that still name the source's namespace, for a person to judge; as `shown` has them.

    The whole name is meant: `staging` is found in `staging.jobs` and `"staging"`, not in `prestaging`; and not where
    the target's own name begins with it. Two environments with one namespace cannot be told apart by it.
    """
    if route.source == route.target:
        return ()
    named = _whole(route.source)
    own = _whole(route.target)
    found = []
    for number, (line, seen) in enumerate(zip(text.splitlines(), shown.splitlines(), strict=True), 1):
        code = line.split(" #", 1)[0]
        if not code.lstrip().startswith("#") and named.search(own.sub("", code)):
            found.append(Leftover(number, seen.strip()))
    return tuple(found)


def _whole(namespace: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(namespace)}(?![\w-])")


def _namespaces(document: Document) -> Iterator[tuple[Path, str]]:
    """Every text that names a namespace, at each of its places: an alias is one of them."""
    root = document.value
    for path, value in _texts(root, ()):
        if path == ("namespace",) or (path and path[0] in SECTIONS and _names_namespace(root, path)):
            yield path, value


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _names_namespace(root: object, path: Path) -> bool:
    """`namespace: X`, an item of `namespaces:`, or the `value` of a filter whose `field` is NAMESPACE."""
    last = path[-1]
    if last == "namespace":
        return True
    if isinstance(last, int):
        return len(path) > 1 and path[-2] == "namespaces"
    around = _at(root, path[:-1])
    return last == "value" and isinstance(around, dict) and around.get("field") == "NAMESPACE"


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
