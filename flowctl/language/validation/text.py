"""Findings as a server prints them: the constraint text of `/flows/validate`, the errors of a refused save."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.language.findings import Finding
from flowctl.language.validation.context import index_text

PREFIX = "Validation error: "
SERVER_WARNINGS = frozenset(("F343", "F357"))
"""Codes of warnings that real servers give too; all others are ours."""


def constraint_text(findings: Sequence[Finding]) -> str | None:
    """The `constraints` member of `/flows/validate`; None when nothing stands against the flow.

    A text that cannot be read has only its reading problems, as a server stops there; rules about the whole flow are
    one line that starts with `Invalid Flow: `; every other line is `place: message`.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return None
    parse = [finding.message for finding in errors if finding.family == "parse"]
    if parse:
        return PREFIX + "\n".join(parse)
    whole = [finding.message for finding in errors if finding.family == "flow"]
    lines = [f" Invalid Flow: {', '.join(whole)}\n"] if whole else []
    lines += [f"{finding.shown}: {finding.message}\n" for finding in errors if finding.family == "element"]
    return PREFIX + "".join(lines)


def error_items(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The errors of a refused save, one `{path, message}` each, places by index.

    As on a server the rules about the whole flow are one error without a path, which comes first.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    whole = [finding.message for finding in errors if finding.family == "flow"]
    items = [{"path": "", "message": f"Invalid Flow: {', '.join(whole)}"}] if whole else []
    items += [
        {"path": finding.shown if "[" in finding.shown else index_text(finding.path), "message": finding.message}
        for finding in errors
        if finding.family != "flow"
    ]
    return items
