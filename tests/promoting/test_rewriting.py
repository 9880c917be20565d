"""Texts for another environment: what is replaced, and that nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.flowtext.splice import SpliceError
from flowctl.model.keys import FlowKey
from flowctl.promoting.overriding import keep_overrides
from flowctl.promoting.rewriting import leftovers, rewrite
from flowctl.promoting.route import Route

ROUTE = Route("staging", "production")
WHOLE = """\
# staging is named in this comment
id: a
namespace: staging.jobs # here
labels:
  namespace: staging
variables: {namespace: staging}
tasks:
  - {id: one, type: io.kestra.plugin.core.flow.Subflow, namespace: 'staging', flowId: b}
  - id: two
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: deep
        type: io.kestra.plugin.core.flow.Subflow
        namespace: "staging.jobs.deep"
        flowId: c
  - id: other
    type: io.kestra.plugin.core.flow.Subflow
    namespace: stagings
    flowId: d
  - id: computed
    type: io.kestra.plugin.core.flow.Subflow
    namespace: "{{ flow.namespace }}"
    flowId: e
triggers:
  - id: after
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionNamespace
        namespace: staging
        comparison: PREFIX
    preconditions:
      id: p
      flows:
        - {namespace: staging, flowId: b}
      where:
        - id: w
          filters:
            - field: NAMESPACE
              type: EQUAL_TO
              value: staging.jobs
            - field: FLOW_ID
              type: EQUAL_TO
              value: staging
"""


def test_namespaces_of_flow_tasks_triggers_and_conditions_are_replaced_and_nothing_else() -> None:
    found = rewrite(WHOLE, ROUTE)
    assert [(one.place, one.before, one.after) for one in found.changes] == [
        ("namespace", "staging.jobs", "production.jobs"),
        ("tasks[one].namespace", "staging", "production"),
        ("tasks[two].tasks[deep].namespace", "staging.jobs.deep", "production.jobs.deep"),
        ("triggers[after].conditions[0].namespace", "staging", "production"),
        ("triggers[after].preconditions.flows[0].namespace", "staging", "production"),
        ("triggers[after].preconditions.where[w].filters[0].value", "staging.jobs", "production.jobs"),
    ]
    expected = (
        WHOLE.replace("namespace: staging.jobs # here", "namespace: production.jobs # here")
        .replace("namespace: 'staging'", "namespace: 'production'")
        .replace('"staging.jobs.deep"', '"production.jobs.deep"')
        .replace("        namespace: staging\n", "        namespace: production\n")
        .replace("- {namespace: staging,", "- {namespace: production,")
        .replace("value: staging.jobs", "value: production.jobs")
    )
    assert found.text == expected


def test_what_still_names_the_source_is_found_outside_comments() -> None:
    text = rewrite(WHOLE, ROUTE).text
    found = leftovers(text, ROUTE, text)
    assert [(one.line, one.text) for one in found] == [
        (5, "namespace: staging"),
        (6, "variables: {namespace: staging}"),
        (43, "value: staging"),
    ]


@pytest.mark.parametrize(
    ("target", "lines"),
    [("company", []), ("company.live", [3]), ("live", [2, 3])],
    ids=["same", "below", "other"],
)
def test_the_targets_own_name_is_none_of_the_sources(target: str, lines: list[int]) -> None:
    text = "id: a\nnamespace: company.live.jobs\nlabels: {team: company}\n"
    assert [one.line for one in leftovers(text, Route("company", target), text)] == lines


def test_of_a_line_that_names_the_source_only_what_is_no_secret_is_shown() -> None:
    (found,) = leftovers("id: a\nuri: https://me:pw@staging/\n", ROUTE, "id: a\nuri: https://me:******@staging/\n")
    assert (found.line, found.text) == (2, "uri: https://me:******@staging/")


@pytest.mark.parametrize(
    "text",
    [
        "id: a\nvariables: {x: &ns staging}\ntasks:\n  - {id: t, type: T, namespace: *ns}\n",
        "id: a\ntasks:\n  - {id: t, type: T, namespace: &ns staging}\n  - {id: u, type: T, namespace: *ns}\n",
    ],
)
def test_an_anchor_that_other_places_use_is_refused(text: str) -> None:
    with pytest.raises(SpliceError, match=r"alias|more than was asked"):
        rewrite(text, ROUTE)


LAYOUTS = st.sampled_from(("\n", "\r\n"))
QUOTES = st.sampled_from(("", "'", '"'))
NAMES = st.sampled_from(("staging", "staging.jobs", "staging.a.b", "other", "staging-2", "prestaging"))


@given(names=st.lists(NAMES, min_size=1, max_size=5), quote=QUOTES, end=LAYOUTS, bom=st.booleans())
def test_there_and_back_again_is_the_same_text(names: list[str], quote: str, end: str, bom: bool) -> None:
    lines = ["id: a  # keep", "tasks:"]
    for number, name in enumerate(names):
        lines += [f"- id: t{number}", "  type: T   # staging", f"  namespace:   {quote}{name}{quote} # why", ""]
    text = ("\ufeff" if bom else "") + end.join(lines)
    there = rewrite(text, ROUTE)
    assert rewrite(there.text, Route("production", "staging")).text == text
    assert there.text.count(end) == text.count(end)
    value = parse(there.text).value
    assert isinstance(value, dict)
    assert [task["namespace"] for task in value["tasks"]] == [ROUTE.namespace(name) for name in names]


@pytest.mark.parametrize(
    ("value", "kept"), [(1, []), (True, [("tasks[a].x", 1, True)]), (1.5, [("tasks[a].x", 1, 1.5)])]
)
def test_an_override_is_kept_where_value_or_type_differ(value: object, kept: list[tuple[str, object, object]]) -> None:
    text = "id: f\nnamespace: n\ntasks:\n  - {id: a, x: 1}\n"
    found = keep_overrides(text, FlowKey("n", "f"), {"n/f/tasks[a].x": value, "n/other/tasks[a].x": 9})
    assert [(one.place, one.before, one.after) for one in found.changes] == kept
    assert parse(found.text).value["tasks"][0]["x"] == value  # type: ignore[index, call-overload]  # a map of this text
