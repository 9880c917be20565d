"""Labels of a flow and of tasks that set them: their shapes, and names that only the system may give."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from flowctl.language.findings import Path
from flowctl.language.validation import patterns
from flowctl.language.validation.context import Context
from flowctl.language.validation.names import shown_name

_KEY = (
    "Invalid label key. A valid key contains only lowercase letters numbers hyphens (-) underscores (_) or "
    "periods (.) and must begin with a lowercase letter."
)
_FREE_SYSTEM = frozenset(("system.readOnly",))


_SYSTEM = "System labels can only be set by Kestra itself, offending label: "
_OWN_KEY = "choose a key without `system.`"


def check_set_labels(context: Context, holder: Mapping[str, object], path: Path) -> None:
    """The labels that a Subflow or a trigger gives: none of the system's, not even `system.readOnly`; any other key."""
    for index, (at, key, value) in enumerate(_labels(holder.get("labels"))):
        if str(key).startswith("system."):
            shown = f"{shown_name(context.flow, path)}.labels[{index}].<list element>"
            context.say((*path, *at), shown, f"{_SYSTEM}{key}={value}", "F308", hint=_OWN_KEY)


def check_labels(context: Context) -> None:
    """Keys and values of the flow's labels."""
    system: list[tuple[str, Path]] = []
    for index, (path, key, value) in enumerate(_labels(context.flow.get("labels"))):
        shown = f"labels[{index}]"
        name = key if isinstance(key, str) else str(key)
        if name.startswith("system."):
            if name not in _FREE_SYSTEM:
                system.append((f"{name}={value}", path))
        elif not patterns.LABEL_KEY.fullmatch(name):
            context.say(path, f"{shown}.key", _KEY, "F307", hint=f"write `{_sound(name)}`" if name else "")
        if value is None or value == "":
            context.say(path, f"{shown}.value", "must not be empty", "F307", hint="give the label a value")
        elif isinstance(value, (dict, list)):
            context.wrong(path, "`String` from a map or a list: a label's value is text", "F314")
    if system:
        names = ", ".join(name for name, _ in system)
        context.say(system[0][1], "", _SYSTEM + names, "F308", hint=_OWN_KEY, family="flow")


def _sound(key: str) -> str:
    """A key like this one that servers take."""
    plain = unicodedata.normalize("NFKD", key.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^\w.]+", "-", plain).strip("-._")
    if not words:
        return "label"
    return words if patterns.LABEL_KEY.fullmatch(words) else f"x{words}"


def _labels(labels: object) -> Iterator[tuple[Path, object, object]]:
    if isinstance(labels, dict):
        for key, value in labels.items():
            yield ("labels", key), key, value
    for index, label in enumerate(labels if isinstance(labels, list) else ()):
        if isinstance(label, dict):
            yield ("labels", index), label.get("key", ""), label.get("value")
