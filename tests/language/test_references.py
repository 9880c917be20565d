"""Which flows a flow names."""

from __future__ import annotations

from flowctl.flowtext.document import parse
from flowctl.language.references import references
from flowctl.model.project import FlowReference


def of(text: str) -> tuple[FlowReference, ...]:
    return references(parse("id: own\nnamespace: here\n" + text).value)


def test_subflows_at_any_depth() -> None:
    found = of(
        """
tasks:
  - id: group
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: other, flowId: child}
      - {id: old, type: io.kestra.core.tasks.flows.Flow, namespace: other, flowId: second}
errors:
  - {id: each, type: io.kestra.plugin.core.flow.ForEachItem, items: x, namespace: other, flowId: third}
"""
    )
    assert found == (
        FlowReference("subflow", "other", "child", "tasks[group].tasks[call]"),
        FlowReference("subflow", "other", "second", "tasks[group].tasks[old]"),
        FlowReference("subflow", "other", "third", "errors[each]"),
    )


def test_the_own_namespace_by_expression_is_known_and_other_expressions_are_dynamic() -> None:
    found = of(
        """
tasks:
  - {id: a, type: io.kestra.plugin.core.flow.Subflow, namespace: "{{ flow.namespace }}", flowId: child}
  - {id: b, type: io.kestra.plugin.core.flow.Subflow, namespace: "{{ inputs.where }}", flowId: child}
  - {id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: x, flowId: "{{ inputs.which }}"}
  - {id: d, type: io.kestra.plugin.core.flow.Subflow, namespace: x, flowId: "{% if true %}child{% endif %}"}
  - {id: e, type: io.kestra.plugin.core.flow.Subflow, namespace: "{% if true %}x{% endif %}", flowId: child}
"""
    )
    assert [(r.namespace, r.dynamic) for r in found] == [
        ("here", False),
        ("{{ inputs.where }}", True),
        ("x", True),
        ("x", True),
        ("{% if true %}x{% endif %}", True),
    ]


def test_flow_triggers_in_every_form() -> None:
    found = of(
        """
triggers:
  - id: new
    type: io.kestra.plugin.core.trigger.Flow
    dependsOn: [{namespace: n, flowId: one}, {flowId: two}, {namespace: n}]
  - id: old
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: n, flowId: three}
      - type: io.kestra.plugin.core.condition.Or
        conditions:
          - {type: io.kestra.plugin.core.condition.ExecutionFlowCondition, namespace: n, flowId: four}
      - type: io.kestra.plugin.core.condition.Not
        conditions:
          - {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: n, flowId: not_this}
      - type: io.kestra.plugin.core.condition.MultipleCondition
        conditions:
          first: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: n, flowId: five}
  - id: middle
    type: io.kestra.plugin.core.trigger.Flow
    preconditions: {id: p, flows: [{namespace: n, flowId: six, states: [SUCCESS]}]}
  - {id: webhook, type: io.kestra.plugin.core.trigger.Webhook, key: k}
"""
    )
    assert [(r.relation, r.namespace, r.flow_id) for r in found] == [
        ("trigger", "n", "one"),
        ("trigger", "here", "two"),
        ("trigger", "n", "three"),
        ("trigger", "n", "four"),
        ("trigger", "n", "five"),
        ("trigger", "n", "six"),
    ]
    assert found[0].place == "triggers[new].dependsOn[0]"
    assert found[4].place == "triggers[old].conditions[3].conditions.first"
