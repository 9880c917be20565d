"""The one entry: collect everything that the rules have to say about a flow."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.language.findings import Finding, Path
from flowctl.language.validation.identity import check_identity
from flowctl.language.validation.nulls import check_nulls
from flowctl.language.validation.uniqueness import check_unique
from flowctl.model.environment import Dialect


def check_flow(
    value: object,
    *,
    dialect: Dialect = "lenient",
    strict_types: bool,
    source_duplicates: Sequence[Path] = (),
) -> list[Finding]:
    """Everything there is to say about a flow given as plain data.

    `strict_types` is the server's mode: unknown types and properties are errors. Without it (a client in front of a
    server it knows nothing of) only what every server refuses is an error, what is merely suspected a warning.
    `source_duplicates` are the paths of duplicate keys that the parser met. Never raises, whatever `value` is.
    """
    if not isinstance(value, dict):
        kind = "nothing" if value is None else type(value).__name__
        return [Finding((), f"a flow is a map with id, namespace and tasks, found {kind}", "error", "F301")]
    found = [
        Finding(path, f"Duplicate field '{path[-1]}'", "error", "F303", shown="", family="parse")
        for path in source_duplicates
        if path
    ]
    check_identity(value, found)
    check_nulls(value, found)
    check_unique(value, found)
    return found
