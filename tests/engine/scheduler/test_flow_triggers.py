from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.scheduler.conftest import START, World, flow

SOURCE = flow(
    "  - id: s\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '0 11 * * *'\n",
    id_="source",
    extra="labels:\n  team: red\noutputs:\n  - id: x\n    type: STRING\n    value: done\n",
)
OTHER = SOURCE.replace("id: source", "id: other").replace("'0 11 * * *'", "'0 12 * * *'")
FAILING = "  - id: no\n    type: io.kestra.plugin.core.execution.Fail\n"
ELEVEN, TWELVE = START + timedelta(hours=1), START + timedelta(hours=2)


def listening(body: str, id_: str = "listener") -> str:
    return flow(f"  - id: on\n    type: io.kestra.plugin.core.trigger.Flow\n{body}", id_=id_)


def depends(*flows: str, more: str = "") -> str:
    items = "".join(f"      - namespace: t\n        flowId: {name}\n        states: [SUCCESS]\n" for name in flows)
    return f"    dependsOn:\n{items}{more}"


def started(world: World) -> list[dict[str, object]]:
    return [dict((one.trigger or {})["variables"]) for one in world.executions("listener")]  # type: ignore[call-overload]


def test_it_starts_when_its_flow_ends_and_sees_its_outputs_and_own_labels(world: World) -> None:
    world.save(SOURCE)
    world.save(listening(depends("source")))
    world.at(ELEVEN)
    [variables] = started(world)
    assert (variables["flowId"], variables["state"]) == ("source", "SUCCESS")
    outputs = {"x": "done"}
    assert variables["outputs"] == {**outputs, "source": outputs, "t": {"source": outputs}}
    assert variables["executionLabels"] == {"team": "red"}
    source, target = world.executions("source")[0], world.executions("listener")[0]
    assert dict(source.labels)["system.correlationId"] == dict(target.labels)["system.correlationId"]


@pytest.mark.parametrize(
    ("body", "fires"),
    [
        ("    states: [SUCCESS]\n", True),
        ("    states: [FAILED]\n", False),
        ("    when: \"{{ flowId == 'source' and labels.team == 'red' }}\"\n", True),
        ("    when: \"{{ state == 'FAILED' }}\"\n", False),
        ("    when: \"{{ execution.state == 'SUCCESS' and execution.outputs.x == 'done' }}\"\n", True),
        ("    when: \"{{ flow.id == 'source' and outputs.say.value is defined }}\"\n", True),
        ("    when: \"{{ nope.x }}\"\n", False),
        (depends("source", more="        when: \"{{ flow.id == 'source' }}\"\n"), True),
        ("    conditions:\n      - type: io.kestra.plugin.core.condition.Expression\n"
         "        expression: \"{{ flow.id == 'listener' and outputs.say.value is defined }}\"\n", True),
        ("    conditions:\n      - type: io.kestra.plugin.core.condition.Expression\n"
         "        expression: \"{{ nope.x }}\"\n", False),
        (depends("source").replace("states", "labels:\n          team: blue\n        states"), False),
        ("    conditions:\n      - type: io.kestra.plugin.core.condition.ExecutionFlow\n        namespace: t\n"
         "        flowId: source\n", True),
        ("    conditions:\n      - type: io.kestra.plugin.core.condition.ExecutionStatus\n"
         "        in: [KILLED]\n", False),
        ("    conditions:\n      - type: io.kestra.plugin.core.condition.Not\n        conditions:\n"
         "          - type: io.kestra.plugin.core.condition.ExecutionNamespace\n            namespace: t\n", False),
    ],
)  # fmt: skip
def test_conditions_decide(world: World, body: str, fires: bool) -> None:
    world.save(SOURCE)
    world.save(listening(body))
    world.at(ELEVEN)
    assert len(started(world)) == int(fires)


def test_all_dependencies_are_needed_and_then_it_starts_over(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    world.save(listening(depends("source", "other")))
    world.at(ELEVEN)
    assert started(world) == []
    world.at(TWELVE)
    [variables] = started(world)
    outputs = {"x": "done"}
    both = {"source": outputs, "other": outputs}
    assert variables["outputs"] == {**outputs, **both, "t": both}
    world.at(ELEVEN + timedelta(days=1))
    assert len(started(world)) == 1


def test_a_when_is_asked_of_each_execution(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    world.save(listening(depends("source", "other", more="    when: \"{{ flow.id == 'other' }}\"\n")))
    world.at(ELEVEN)
    world.at(TWELVE)
    assert started(world) == []


def test_inputs_and_labels_see_the_execution_that_ended(world: World) -> None:
    inputs = "    inputs: {seen: '{{ flow.id }} {{ execution.state }} {{ tasks.say.state }} {{ labels.team }}'}\n"
    labels = "    labels: {of: '{{ execution.outputs.x }}', lost: '{{ nope.x }}'}\n"
    world.save(SOURCE)
    text = listening(depends("source", more=inputs + labels))
    world.save(text + "inputs: [{id: seen, type: STRING}]\n")
    world.at(ELEVEN)
    [made] = world.executions("listener")
    assert (made.state, made.inputs) == ("SUCCESS", {"seen": "listener SUCCESS SUCCESS red"})
    assert [name for name, _ in made.labels if not name.startswith("system.")] == ["of"]


def test_any_of_them_is_enough(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    world.save(listening(depends("source", "other", more="    mode: ANY\n")))
    world.at(TWELVE)
    assert len(started(world)) == 2


def test_what_was_met_before_the_window_does_not_count(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    world.save(listening(depends("source", "other", more="    window:\n      lookback: PT30M\n")))
    world.at(ELEVEN)
    world.at(TWELVE)
    assert started(world) == []


def test_preconditions_of_earlier_versions(world: World) -> None:
    world.save(SOURCE)
    world.save(OTHER)
    flows = "".join(
        f"        - namespace: t\n          flowId: {n}\n          states: [SUCCESS]\n" for n in ("source", "other")
    )
    world.save(listening(f"    preconditions:\n      id: both\n      flows:\n{flows}"))
    world.at(TWELVE)
    assert len(started(world)) == 1


def test_it_never_answers_its_own_flow_nor_what_it_caused(world: World) -> None:
    world.save(SOURCE)
    world.save(listening(""))
    world.save(listening("", id_="second"))
    world.at(ELEVEN)
    flows = sorted(one.flow_id for one in world.executions())
    assert flows.count("listener") <= 2
    assert flows.count("second") <= 2


def test_flows_that_listen_to_everything_come_to_an_end(world: World) -> None:
    """On a real server two of them run for ever, and a dozen would fill the disk on the way."""
    world.save(SOURCE)
    for number in range(6):
        world.save(listening("", id_=f"listener{number}"))
    world.at(ELEVEN)
    counts = [len(world.executions(f"listener{number}")) for number in range(6)]
    assert counts == [6] * 6, "the source, and the first answer of each of the others"


def test_who_listens_to_every_failure_hears_of_one_at_the_end_of_a_chain(world: World) -> None:
    world.save(SOURCE)
    world.save(listening(depends("source"), id_="second"))
    broken = listening(depends("second"), id_="third").replace("tasks:\n", "tasks:\n" + FAILING)
    world.save(broken)
    world.save(listening("    states: [FAILED]\n"))
    world.at(ELEVEN)
    assert [(v["flowId"], v["state"]) for v in started(world)] == [("third", "FAILED")]


def test_a_circle_of_dependencies_is_gone_through_once(world: World) -> None:
    world.save(SOURCE)
    for name, after in (("listener", "source"), ("second", "listener"), ("third", "second")):
        world.save(listening(depends(after), id_=name))
    on = "  - id: back\n    type: io.kestra.plugin.core.trigger.Flow\n" + depends("third")
    world.save(SOURCE + on)
    world.at(ELEVEN)
    assert {name: len(world.executions(name)) for name in ("source", "listener", "second", "third")} == {
        "source": 1,
        "listener": 1,
        "second": 1,
        "third": 1,
    }


def test_a_failed_execution_is_an_event_too(world: World) -> None:
    world.save(SOURCE.replace("tasks:\n", "tasks:\n" + FAILING))
    world.save(listening("    states: [FAILED]\n"))
    world.at(ELEVEN)
    assert [variables["state"] for variables in started(world)] == ["FAILED"]


def test_states_that_an_execution_only_passes_through_are_events(world: World) -> None:
    world.save(SOURCE)
    world.save(listening("    states: [RUNNING, SUCCESS, CREATED]\n"))
    world.at(ELEVEN)
    assert sorted(str(variables["state"]) for variables in started(world)) == ["RUNNING", "SUCCESS"]


def test_a_listener_that_is_deleted_or_off_starts_nothing(world: World) -> None:
    world.save(SOURCE)
    world.save(listening("    disabled: true\n"))
    world.at(ELEVEN)
    assert started(world) == []
