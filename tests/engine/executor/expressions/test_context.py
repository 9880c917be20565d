"""The variables of expressions, as tasks see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.running import Engine, engine, flow, output

RETURN = "type: io.kestra.plugin.core.debug.Return"
WD = "type: io.kestra.plugin.core.flow.WorkingDirectory"


def test_a_task_in_a_directory_sees_the_run_and_the_value_of_the_directory(running: Engine) -> None:
    text = "{{ taskrun.value }} {{ workerTaskrun.value }} {{ workerTaskrun.id == taskrun.parentId }}"
    each = "  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    values: [x, y]\n    tasks:\n"
    source = flow(f'{each}      - {{id: wd, {WD}, tasks: [{{id: r, {RETURN}, format: "{text}"}}]}}\n')
    ended = running.run(source)
    values = [run.outputs["value"] for run in ended.runs.values() if run.task_id == "r"]
    assert values == ["x x true", "y y true"]
    assert all(run.value is None for run in ended.runs.values() if run.task_id == "r")


def test_without_a_value_there_is_none(running: Engine) -> None:
    inner = "\"{{ taskrun.value ?? 'none' }} {{ workerTaskrun.value ?? 'none' }}\""
    tasks = f"  - {{id: wd, {WD}, tasks: [{{id: r, {RETURN}, format: {inner}}}]}}\n"
    outside = f"  - {{id: o, {RETURN}, format: \"{{{{ workerTaskrun ?? 'none' }}}}\"}}\n"
    ended = running.run(flow(tasks + outside))
    assert output(ended, "r") == {"value": "none none"}
    assert output(ended, "o") == {"value": "none"}


def test_an_execution_without_outputs_has_none_and_states_of_tasks_name_task_and_state(running: Engine) -> None:
    fail = "  - {id: bad, type: io.kestra.plugin.core.execution.Fail, allowFailure: true}\n"
    after = "{{ execution.outputs ?? 'none' }} {{ tasksWithState('WARNING') }}".replace("'", "''")
    ended = running.run(flow(fail, f"afterExecution:\n  - {{id: a, {RETURN}, format: '{after}'}}\n"))
    assert output(ended, "a") == {"value": 'none [{"taskId":"bad","state":"WARNING"}]'}


def test_a_label_without_a_key_is_left_out(running: Engine) -> None:
    labels = '{"": x, "{{ \'\' }}": y, a: b}'
    ended = running.run(flow(f"  - {{id: l, type: io.kestra.plugin.core.execution.Labels, labels: {labels}}}\n"))
    assert ended.state == "SUCCESS"
    assert [pair for pair in ended.labels if not pair[0].startswith("system.")] == [("a", "b")]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("2.0", '[{"task":{"id":"i"}},{"task":{"id":"s"}}]'),
        ("1.3", '[{"outputs":{"evaluationResult":true}}]'),
        ("lenient", '[{"task":{"id":"i"},"taskrun":{},"outputs":{"evaluationResult":true}}]'),
    ],
)
def test_a_directory_is_none_of_the_parents(tmp_path: Path, dialect: Dialect, expected: str) -> None:
    inner = f"{{id: wd, {WD}, tasks: [{{id: r, {RETURN}, format: '{{{{ parents }}}}'}}]}}"
    branch = f"{{id: i, type: io.kestra.plugin.core.flow.If, condition: 'true', then: [{inner}]}}"
    tasks = f"  - {{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{branch}]}}\n"
    with engine(tmp_path, dialect) as running:
        assert output(running.run(flow(tasks)), "r") == {"value": expected}


def test_parents_in_1_3_have_the_value_and_no_task(tmp_path: Path) -> None:
    inner = f"{{id: r, {RETURN}, format: '{{{{ parents }}}}'}}"
    group = f"{{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{inner}]}}"
    each = f"  - {{id: each, type: io.kestra.plugin.core.flow.ForEach, values: [x], tasks: [{group}]}}\n"
    with engine(tmp_path, "1.3") as running:
        assert output(running.run(flow(each)), "r") == {"value": '[{"taskrun":{"value":"x"}}]'}


def test_now_is_what_the_clock_of_the_engine_says(running: Engine) -> None:
    """On a leap day, a second before midnight: whatever else is dated by that clock agrees with expressions."""
    running.executor.services.clock = lambda: 1_835_481_599_250_000
    text = "{{ now() | timestamp }} {{ now() | dateAdd(1, 'SECONDS') | date('yyyy-MM-dd', timeZone='UTC') }}"
    ended = running.run(flow(f'  - {{id: r, {RETURN}, format: "{text}"}}\n'))
    assert output(ended, "r")["value"] == "1835481599 2028-03-01"
