"""Namespace patterns as conditions of SQL."""

from __future__ import annotations

from collections.abc import Sequence


def namespace_condition(column: str, patterns: Sequence[str]) -> tuple[str, list[str]]:
    """A condition that holds for namespaces that a pattern names, and its parameters.

    `a.b` covers itself and everything below it, `*` and `?` match as in file names. No pattern covers nothing.
    """
    parts, values = [], []
    for pattern in patterns:
        if any(sign in pattern for sign in "*?["):
            parts.append(f"{column} GLOB ?")
            values.append(pattern.replace("[!", "[^"))
        # "/" follows "." in ASCII, so this range is "begins with `pattern.`" and uses the index.
        parts.append(f"{column} = ? OR ({column} >= ? AND {column} < ?)")
        values += [pattern, pattern + ".", pattern + "/"]
    return ("(" + " OR ".join(parts) + ")" if parts else "0", values)
