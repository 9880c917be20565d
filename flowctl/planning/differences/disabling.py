"""A flow's text with `disabled: true` in it, as somebody who disabled it on the server has it there."""

from __future__ import annotations

from flowctl.flowtext.document import parse
from flowctl.flowtext.edits import remove_key, set_key
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.splice import SpliceError
from flowctl.language.flags import is_on

_KEY = "disabled"


def disabled_as(live: str | None, file: str) -> str | None:
    """The file's text, disabled: the live text where that differs by its `disabled` alone.

    None when the file disables the flow itself, or cannot be edited safely.
    """
    try:
        value = parse(file).value
        if not isinstance(value, dict) or is_on(value.get(_KEY)):
            return None
        return live if live is not None and _undone(live, value) == _ended(file) else set_key(file, _KEY, True)
    except (YamlProblem, SpliceError):
        return None


def _undone(live: str, file: dict[str, object]) -> str | None:
    """A server's text with the `disabled` that the file has, or without any; None where that cannot be done."""
    value = file.get(_KEY)
    if isinstance(value, (list, dict)):
        return None
    try:
        return _ended(set_key(live, _KEY, value) if _KEY in file else remove_key(live, _KEY))
    except (YamlProblem, SpliceError):
        return None


def _ended(text: str) -> str:
    """A text that ends in one line end: a server that adds a line may add or drop the last one."""
    return text.rstrip("\r\n") + "\n"
