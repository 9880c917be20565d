"""The one entry: collect everything that the rules have to say about a flow."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.flowtext.plain import kind_of
from flowctl.language.defaults import read_defaults
from flowctl.language.findings import Finding, Path
from flowctl.language.normalise import survey
from flowctl.language.types.flow import FLOW
from flowctl.language.validation import crossrefs, inputgraph, labels, structure
from flowctl.language.validation.context import Context
from flowctl.language.validation.identity import check_identity
from flowctl.language.validation.members import check_members, check_rewritten
from flowctl.language.validation.nulls import check_nulls
from flowctl.language.validation.rules.checks import check_checks
from flowctl.language.validation.uniqueness import check_unique
from flowctl.language.walk import all_tasks
from flowctl.model.environment import Dialect

__all__ = ["check_flow", "structure"]
# `structure` is imported for what it adds to the table of values: the checks of tasks, triggers, inputs and the like.


def check_flow(
    value: object,
    *,
    dialect: Dialect = "lenient",
    strict_types: bool,
    source_duplicates: Sequence[Path] = (),
    source_empty: Sequence[Path] = (),
) -> list[Finding]:
    """Everything there is to say about a flow given as plain data.

    `strict_types` is the server's mode: unknown types and properties are errors. Without it (a client in front of a
    server it knows nothing of) only what every server refuses is an error, what is merely suspected a warning.
    `source_duplicates` are the paths of duplicate keys that the parser met, `source_empty` those of keys with nothing
    after them. Never raises for anything that the parser gives, whatever it is.
    """
    if not isinstance(value, dict):
        said = f"a flow is a map with id, namespace and tasks, found {kind_of(value)}"
        return [Finding((), said, "error", "F301")]
    tasks = all_tasks(value)
    old = survey(value, dialect, tasks)
    modern = old.rewritten(value)
    tasks = tasks if modern is value else all_tasks(modern)
    empty = frozenset(source_empty) if dialect != "lenient" else frozenset[Path]()
    context = Context(modern, dialect, strict_types, defaults=read_defaults(modern), tasks=tasks, empty=empty)
    for path in source_duplicates:
        if path:
            context.unreadable(path, f"Duplicate field '{path[-1]}'", "F303", hint="keep one", severity="error")
    check_nulls(modern, tasks, context.findings)
    check_members(context, modern, _SHAPE[dialect], (), "Flow", scope="flow")
    check_identity(modern, context)
    check_unique(modern, tasks, context.findings)
    for rule in (
        labels.check_labels,
        check_checks,
        inputgraph.check_inputs,
        inputgraph.check_schedules,
        crossrefs.check_references,
        crossrefs.check_plugin_defaults,
    ):
        rule(context)
    check_rewritten(context, value, old)
    return _once(context.findings) + old.findings


def _once(found: list[Finding]) -> list[Finding]:
    """Without the nulls that two rules met at one place."""
    seen: set[Path] = set()
    kept = []
    for finding in found:
        if finding.code != "F302" or finding.path not in seen:
            kept.append(finding)
        if finding.code == "F302":
            seen.add(finding.path)
    return kept


_OWN_RULES = frozenset(("id", "namespace", "tasks"))
_SHAPE = {dialect: FLOW.shape(dialect).without(_OWN_RULES) for dialect in ("lenient", "2.0", "1.3")}
