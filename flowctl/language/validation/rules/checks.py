"""Checks of a flow: what must hold before an execution begins."""

from __future__ import annotations

from flowctl.language.validation.context import Context, listed

_NAMES = {"1.3": "condition", "2.0": "when", "lenient": "when"}
"""What a dialect calls the expression; both names may stand in a text."""


def check_checks(context: Context) -> None:
    """Every check says when it holds, and what to report when it does not (seen)."""
    for index, check in enumerate(listed(context.flow.get("checks"))):
        if not isinstance(check, dict):
            continue
        name = "when" if "when" in check else "condition" if "condition" in check else _NAMES[context.dialect]
        path, shown = ("checks", index, name), f"checks[{index}].{_NAMES[context.dialect]}"
        if check.get(name) in (None, ""):
            context.say(path, shown, "must not be empty", "F311", hint="an expression, true when all is well")
        if check.get(name) is None:
            context.say(path, shown, "must not be null", "F311")
        if check.get("message") == "":
            at = ("checks", index, "message")
            context.say(at, f"checks[{index}].message", "must not be empty", "F311", hint="say what is wrong")
