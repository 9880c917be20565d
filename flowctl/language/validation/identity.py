"""Rules for a flow's own `id` and `namespace`, and for the presence of tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowctl.language.findings import Finding, Severity
from flowctl.language.validation import patterns
from flowctl.language.validation.context import Context


def check_identity(flow: Mapping[str, object], context: Context) -> None:
    """`id` and `namespace` are there, well-formed and short enough; `tasks` is not empty."""
    found = context.findings
    _name(flow, "id", patterns.FLOW_ID, patterns.FLOW_ID_LENGTH, found)
    _name(flow, "namespace", patterns.NAMESPACE, patterns.NAMESPACE_LENGTH, found)
    if flow.get("tasks") in (None, []):
        found.append(
            Finding(
                ("tasks",), "must not be empty", "error", "F310", "add at least one task under `tasks`", shown="tasks"
            )
        )
    name = flow.get("id")
    if isinstance(name, str) and name in patterns.RESERVED_FLOW_IDS and context.dialect != "2.0":
        found.append(_reserved(name, "warning" if _accepted(context) else "error"))


def _accepted(context: Context) -> bool:
    """A lenient server takes a reserved id; a client does not know which server it will meet."""
    return context.strict and context.dialect == "lenient"


def _name(flow: Mapping[str, object], key: str, pattern: re.Pattern[str], limit: int, found: list[Finding]) -> None:
    value = flow.get(key)
    code = "F304" if key == "id" else "F305"
    if value is None:
        if key == "id":
            found.append(Finding((key,), "must not be blank", "error", code, f"add `{key}:` to the flow", shown=key))
        found.append(Finding((key,), "must not be null", "error", code, f"add `{key}:` to the flow", shown=key))
        return
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if not pattern.fullmatch(text):
        hint = "letters, digits, dot, underscore and hyphen, the first a letter or digit"
        if key == "namespace":
            hint = hint.replace("letters", "lower-case letters", 1)
        found.append(Finding((key,), f'must match "^{pattern.pattern}"', "error", code, hint, shown=key))
    if len(text) > limit:
        found.append(Finding((key,), f"size must be between 1 and {limit}", "error", code, shown=key))


def _reserved(text: str, severity: Severity) -> Finding:
    message = f"`{text}` is a reserved word: servers before 2.0 cannot address such a flow"
    return Finding(("id",), message, severity, "F306", f"rename it, for example `{text}-flow`", shown="id")
