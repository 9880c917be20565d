"""Whatever comes in as a flow, a check answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.language.defaults import apply_defaults
from flowctl.language.legacy.table import ROWS
from flowctl.language.normalise import normalise
from flowctl.language.references import references
from flowctl.language.types.flow import FLOW
from flowctl.language.validation import check_flow, constraint_text
from flowctl.language.walk import CHILD_LISTS, walk_tasks

KEYS = st.sampled_from(
    sorted(
        set(FLOW.properties)
        | set(CHILD_LISTS)
        | {row.old for row in ROWS}
        | {"task", "cases", "conditions", "dependsOn", "window", "flows", "cron", "timezone", "key", "value", "states"}
        | {"taskRunner", "onResume", "onPause", "interval", "values", "condition"}
    )
)
TYPES = st.sampled_from(
    [
        "io.kestra.plugin.core.flow.Dag",
        "io.kestra.plugin.core.flow.Switch",
        "io.kestra.plugin.core.flow.Pause",
        "io.kestra.plugin.core.flow.WorkingDirectory",
        "io.kestra.plugin.core.flow.WaitFor",
        "io.kestra.core.tasks.flows.Worker",
        "io.kestra.plugin.core.log.Log",
        "io.kestra.plugin.core.http.Request",
        "io.kestra.plugin.core.trigger.Schedule",
        "io.kestra.plugin.core.trigger.Flow",
        "io.kestra.plugin.core.condition.Not",
        "io.kestra.plugin.scripts.python.Script",
        "constant",
        "exponential",
        "STRING",
        "SELECT",
        "boolean",
        "FORM",
        "MAX_DURATION",
    ]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=4), TYPES, st.sampled_from(["{{ x }}", "{{", "PT1S"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=40,
)


@settings(max_examples=500, deadline=None)
@given(value=VALUES, strict=st.booleans(), dialect=st.sampled_from(["lenient", "2.0", "1.3"]))
def test_any_value_is_checked(value: object, strict: bool, dialect: str) -> None:
    found = check_flow(value, dialect=dialect, strict_types=strict)  # type: ignore[arg-type]
    if not isinstance(value, dict):
        assert [finding.code for finding in found] == ["F301"]
    assert all(isinstance(finding.message, str) and finding.code for finding in found)
    text = constraint_text(found)
    assert text is None or text.startswith("Validation error: ")


@settings(max_examples=300, deadline=None)
@given(value=VALUES)
def test_any_value_is_walked_rewritten_and_filled(value: object) -> None:
    once, _ = normalise(value)
    twice, _ = normalise(once)
    assert twice == once
    references(value)
    for path, task in walk_tasks(value):
        assert path and isinstance(task, dict)
    if isinstance(value, dict):
        apply_defaults(value)
