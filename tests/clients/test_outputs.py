"""kestrapy's outputs of executions and task runs, and its metrics, against the bundled server."""

from __future__ import annotations

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import NotFoundException

from tests.clients.talking import MAIN, source, where

TASKS = """  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "hello {{ inputs.name }}"}
  - {id: quiet, type: io.kestra.plugin.core.log.Log, message: shh}
  - id: count
    type: io.kestra.plugin.core.metric.Publish
    metrics:
      - {name: rows, type: counter, value: 5, tags: {table: a}}
      - {name: took, type: timer, value: PT2S}
"""
OUTPUTS = 'outputs:\n  - {id: said, type: STRING, value: "{{ outputs.say.value }}!"}\n'


@pytest.fixture(scope="module")
def done(client: KestraClient) -> str:
    """An execution that has ended."""
    client.flows.create_flow(MAIN, source("out", "out.a", TASKS, OUTPUTS))
    execution = client.executions.create_execution(MAIN, "out.a", "out", wait=True, inputs={"name": "you"})
    return str(execution.id)


def test_outputs_of_the_flow_and_of_its_tasks(client: KestraClient, done: str) -> None:
    assert client.outputs.execution_outputs(done, MAIN) == {"said": "hello you!"}
    listed = {row.task_id: row for row in client.outputs.task_outputs_information(done, MAIN)}
    assert listed["say"].inline is True
    assert client.outputs.task_run_outputs(done, listed["say"].task_run_id, MAIN) == {"value": "hello you"}
    with pytest.raises(NotFoundException):
        client.outputs.task_run_outputs(done, "nope", MAIN)
    with pytest.raises(NotFoundException):
        client.outputs.execution_outputs("nope", MAIN)


def test_metrics_of_an_execution_and_of_its_flow(client: KestraClient, done: str) -> None:
    metrics = client.metrics
    page = metrics.execution_metrics(done, MAIN, page=1, size=1, sort=["name:asc"], task_id="count")
    assert (page["total"], [row["name"] for row in page["results"]]) == (2, ["rows"])
    run = page["results"][0]["taskRunId"]
    assert metrics.execution_metrics(done, MAIN, task_run_id=run)["total"] == 2
    assert metrics.execution_metrics(done, MAIN, task_id="say")["total"] == 0
    assert metrics.tasks_with_metrics("out.a", "out", MAIN) == ["count"]
    assert set(metrics.flow_metric_names("out.a", "out", MAIN)) == {"rows", "took"}
    assert set(metrics.task_metric_names("out.a", "out", "count", MAIN)) == {"rows", "took"}


@pytest.mark.parametrize("how", ["sum", "avg", "min", "max"])
def test_metrics_are_added_up(client: KestraClient, done: str, how: str) -> None:
    again = client.executions.replay_execution(done, MAIN)
    list(client.executions.follow_execution(again.id, MAIN))
    of_flow = client.metrics.aggregate_flow_metric("out.a", "out", "rows", MAIN, aggregation=how)
    of_task = client.metrics.aggregate_task_metric("out.a", "out", "count", "rows", MAIN, aggregation=how)
    assert of_flow == of_task
    values = [day["value"] for day in of_flow["aggregations"]]
    assert sum(values) % 5 == 0
    assert sum(values) >= 5
    before = client.metrics.aggregate_flow_metric(
        "out.a", "out", "rows", MAIN, "2001-01-01T00:00:00Z", "2001-01-02T00:00:00Z"
    )
    assert sum(day["value"] or 0 for day in before["aggregations"]) == 0


LOOP = """  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b, c]
    tasks:
      - {id: inner, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }}"}
"""


def test_iterations_of_a_loop_are_executions_with_outputs_of_their_own(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("loop", "out.b", LOOP))
    done = client.executions.create_execution(MAIN, "out.b", "loop", wait=True)
    listed = client.outputs.task_outputs_information(done.id, MAIN)
    assert [row.task_id for row in listed] == ["loop"]
    asked = where("kind", "LOOP") + where("parentId", done.id)
    rows = client.executions.search_executions(MAIN, sort=["state.startDate:asc"], filters=asked)["results"]
    found = []
    for row in rows:
        (inner,) = client.outputs.task_outputs_information(row["id"], MAIN)
        found.append(client.outputs.task_run_outputs(row["id"], inner.task_run_id, MAIN)["value"])
    assert sorted(found) == ["a", "b", "c"]
    assert client.executions.search_executions(MAIN, filters=where("namespace", "out.b"))["total"] == 1
