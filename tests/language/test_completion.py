from __future__ import annotations

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.completion import APP, EXECUTION, offered

FLOW = """\
id: f
namespace: n
inputs: [{id: name, type: STRING}, {id: a-b, type: INT}]
variables: {greeting: hello, none: null}
triggers:
  - {id: h, type: io.kestra.plugin.core.trigger.Webhook, key: k}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: x}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1]
    tasks:
      - {id: inner-one, type: io.kestra.plugin.core.debug.Return, format: x}
      - {id: two, type: io.kestra.plugin.core.debug.Return, format: x}
  - {id: odd, type: no.such.Type}
"""


def value() -> dict[str, object]:
    found = parse(FLOW).value
    assert isinstance(found, dict)
    return found


def test_a_flow_offers_all_it_has() -> None:
    found = offered(value(), None, "2.0")
    assert {"outputs.first.value", "outputs['inner-one'].value", "outputs.two.value"} <= set(found["taskOutputs"])
    assert found["inputs"] == ["inputs.name", "inputs['a-b']"]
    assert found["variables"] == ["vars.greeting"]
    assert found["appContext"] == list(APP)
    triggers = ["trigger.body", "trigger.headers", "trigger.parameters"]
    assert found["executionContext"] == sorted([*EXECUTION, *triggers])


def test_a_task_is_offered_what_stands_before_it_and_what_its_loop_adds() -> None:
    found = offered(value(), "two", "2.0")
    assert "outputs['inner-one'].value" in found["taskOutputs"]
    assert "outputs.two.value" not in found["taskOutputs"]
    assert {"item.value", "item.index"} <= set(found["executionContext"])
    first = offered(value(), "first", "2.0")
    assert first["taskOutputs"] == []
    assert "item.value" not in first["executionContext"]


def test_a_task_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError):
        offered(value(), "nobody", "2.0")


@pytest.mark.parametrize("key", ["inputs", "variables", "triggers", "tasks"])
@pytest.mark.parametrize("odd", [None, 3, "text", [None, 1, {}], {"a": None}])
def test_a_flow_that_is_being_written_offers_what_it_can(key: str, odd: object) -> None:
    assert set(offered({**value(), key: odd}, None, "lenient")) == {
        "taskOutputs",
        "executionContext",
        "inputs",
        "variables",
        "appContext",
    }
