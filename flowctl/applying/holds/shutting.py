"""The texts in between of a flow that is drained: disabled, or closed while another flow may call it yet."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.flowtext.document import parse
from flowctl.flowtext.edits import set_key, set_value

Edit = Callable[[str], str]
_WITHOUT_STATE = ("Webhook", "Flow")
"""Triggers that servers keep no state of, so that only the text can switch them off."""


def disabled(text: str) -> str:
    """The text of a flow that nothing can start.

    Raises:
        SpliceError, YamlProblem: it cannot be edited safely.
    """
    value = parse(text).value
    already = isinstance(value, dict) and value.get("disabled") is True
    return text if already else set_key(text, "disabled", True)


def closed(text: str) -> str:
    """The text of a flow that webhooks and other flows' ends do not start, but calls and people do. A flow that is
    disabled is closed.

    Raises:
        SpliceError, YamlProblem: it cannot be edited safely.
    """
    value = parse(text).value
    if not isinstance(value, dict) or value.get("disabled") is True:
        return text
    triggers = value.get("triggers")
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        if isinstance(trigger, dict) and _starts_by_itself(trigger):
            text = set_value(text, ("triggers", index, "disabled"), True)
    return text


def _starts_by_itself(trigger: dict[str, object]) -> bool:
    kind = str(trigger.get("type", "")).rpartition(".")[2]
    return kind in _WITHOUT_STATE and trigger.get("disabled") is not True
