"""The data of charts over recorded rows, as pages and as CSV."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.engine.api.dashboards import charts
from tests.engine.api.server import YAML, Server, flow, running

NOW = 1_772_366_400_000_000  # 2026-03-01T12:00Z, the clock of the test server
HOUR = 3_600_000_000
DATA = "io.kestra.plugin.core.dashboard.data."
CHART = "io.kestra.plugin.core.dashboard.chart."


def _fill(connection: sqlite3.Connection) -> None:
    rows = [
        ("a", "company.team", "f", 1, "SUCCESS", 1, 2),
        ("b", "company.team", "g", 1, "FAILED", 30, 6),
        ("c", "company", "f", 2, "SUCCESS", 31, 4),
        ("d", "companyx", "f", 1, "RUNNING", 2, None),
        ("e", "company", "f", 1, "SUCCESS", 24 * 40, 1),
    ]
    for id_, namespace, flow_id, revision, state, hours, seconds in rows:
        at = NOW - hours * HOUR
        end = None if seconds is None else at + seconds * 1_000_000
        connection.execute(
            "INSERT INTO executions (id, namespace, flow_id, revision, shown, state, created_us, ended_us, version, "
            "document) VALUES (?, ?, ?, ?, 1, ?, ?, ?, 1, '{}')",
            (id_, namespace, flow_id, revision, state, at, end),
        )
    connection.execute("INSERT INTO execution_labels (execution_id, key, value) VALUES ('a', 'team', 'data')")
    for level, message in ((2, "hello"), (4, "broken"), (4, "again")):
        connection.execute(
            "INSERT INTO logs (execution_id, namespace, flow_id, at_us, level, thread, message) "
            "VALUES ('a', 'company.team', 'f', ?, ?, 't', ?)",
            (NOW - HOUR, level, message),
        )
    for value in (1.5, 2.5):
        connection.execute(
            "INSERT INTO metrics (execution_id, namespace, flow_id, task_id, task_run_id, name, type, value, tags, "
            "at_us) VALUES ('a', 'company.team', 'f', 't', 'r', 'rows', 'counter', ?, '{}', ?)",
            (value, NOW - HOUR),
        )


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        server.store.write(_fill).result()
        server.save(flow())
        yield server


def chart(kind: str, data: str, columns: str, more: str = "", options: str = "") -> str:
    return f"id: c\ntype: {CHART}{kind}\n{options}data:\n  type: {DATA}{data}\n  columns: {columns}\n" + (
        f"  {more}\n" if more else ""
    )


def ask(api: Server, text: str, **filters: Any) -> Any:
    answer = api.post("/dashboards/charts/preview", json={"chart": text, "globalFilter": filters})
    assert answer.status_code == 200, answer.text
    return answer.json()


BY_STATE = "{state: {field: STATE}, n: {agg: COUNT}}"
IDS = "{id: {field: ID}}"


def test_executions_are_counted_by_state_in_the_default_window(api: Server) -> None:
    found = ask(api, chart("Pie", "Executions", BY_STATE, "orderBy: [{column: n, order: DESC}, {column: state}]"))
    rows = [{"state": "SUCCESS", "n": 2}, {"state": "FAILED", "n": 1}, {"state": "RUNNING", "n": 1}]
    assert found == {"results": rows, "total": 3}


def test_a_time_series_counts_in_steps_of_its_window(api: Server) -> None:
    text = chart("TimeSeries", "Executions", "{date: {field: START_DATE}, n: {agg: COUNT}}")
    days = [{"date": "2026-02-28T00:00:00Z", "n": 2}, {"date": "2026-03-01T00:00:00Z", "n": 2}]
    assert ask(api, text)["results"] == days
    hours = ask(api, text, startDate="2026-03-01T00:00:00Z")["results"]
    assert hours == [{"date": "2026-03-01T10:00:00Z", "n": 1}, {"date": "2026-03-01T11:00:00Z", "n": 1}]
    weeks = ask(api, text, startDate="2025-04-01T00:00:00Z")["results"]
    assert weeks == [{"date": "2026-01-19T00:00:00Z", "n": 1}, {"date": "2026-02-23T00:00:00Z", "n": 4}]


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [("AVG", 4.0), ("MIN", 2.0), ("MAX", 6.0), ("SUM", 12.0), ("DURATION", 12.0), ("COUNT", 3)],
)
def test_durations_are_aggregated_in_seconds(api: Server, aggregation: str, value: float) -> None:
    text = chart("Table", "Executions", f"{{v: {{field: DURATION, agg: {aggregation}}}}}")
    assert ask(api, text)["results"] == [{"v": value}]


WHERE = [
    ("{field: STATE, type: EQUAL_TO, value: SUCCESS}", "ac"),
    ("{field: STATE, type: NOT_EQUAL_TO, value: SUCCESS}", "bd"),
    ("{field: STATE, type: IN, values: [FAILED, RUNNING]}", "bd"),
    ("{field: STATE, type: NOT_IN, values: [FAILED, RUNNING]}", "ac"),
    ("{field: NAMESPACE, type: STARTS_WITH, value: company.}", "ab"),
    ("{field: NAMESPACE, type: ENDS_WITH, value: x}", "d"),
    ("{field: NAMESPACE, type: CONTAINS, value: TEAM}", "ab"),
    ("{field: FLOW_ID, type: REGEX, value: '[g-h]'}", "b"),
    ("{field: END_DATE, type: IS_NULL}", "d"),
    ("{field: END_DATE, type: IS_NOT_NULL}", "abc"),
    ("{field: DURATION, type: GREATER_THAN, value: PT3S}", "bc"),
    ("{field: FLOW_REVISION, type: GREATER_THAN_OR_EQUAL_TO, value: 2}", "c"),
    ("{field: START_DATE, type: LESS_THAN, value: '2026-03-01T00:00:00Z'}", "bc"),
    ("{field: LABELS, labelKey: team, type: EQUAL_TO, value: data}", "a"),
    (
        "{type: OR, values: [{field: ID, type: IN, values: [a]}, {field: STATE, type: EQUAL_TO, value: FAILED}]}",
        "ab",
    ),
]


@pytest.mark.parametrize(("condition", "ids"), WHERE, ids=[str(number) for number in range(len(WHERE))])
def test_conditions_of_a_chart(api: Server, condition: str, ids: str) -> None:
    found = ask(api, chart("Table", "Executions", IDS, f"where: [{condition}]\n  orderBy: [{{column: id}}]"))
    assert "".join(row["id"] for row in found["results"]) == ids
    assert found["total"] == len(ids)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"namespace": "company"}, "abc"),
        ({"labels": {"team": "data"}}, "a"),
        ({"filters": [{"field": "state", "operation": "EQUALS", "value": "FAILED"}]}, "b"),
        ({"filters": [{"field": "state", "operation": "IN", "value": ["FAILED", "RUNNING"]}]}, "bd"),
        ({"filters": [{"field": "labels", "operation": "EQUALS", "value": {"team": "data"}}]}, "a"),
        ({"filters": [{"field": "level", "operation": "EQUALS", "value": "INFO"}]}, "abcd"),
        ({"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"}, "e"),
        ({"pageSize": 2, "pageNumber": 2}, "cd"),
    ],
    ids=["namespace", "labels", "state", "states", "label-filter", "other-source", "window", "page"],
)
def test_filters_of_a_request(api: Server, filters: dict[str, Any], ids: str) -> None:
    found = ask(api, chart("Table", "Executions", IDS, "orderBy: [{column: id}]"), **filters)
    assert "".join(row["id"] for row in found["results"]) == ids


def test_a_single_value_and_its_part_in_percent(api: Server) -> None:
    more = "numerator: [{field: STATE, type: EQUAL_TO, value: SUCCESS}]"
    columns = "{field: ID, agg: COUNT}"
    assert ask(api, chart("KPI", "ExecutionsKPI", columns))["results"] == [{"value": 4}]
    assert ask(api, chart("KPI", "ExecutionsKPI", columns, more))["results"] == [{"value": 2}]
    options = "chartOptions: {numberType: PERCENTAGE}\n"
    assert ask(api, chart("KPI", "ExecutionsKPI", columns, more, options))["results"] == [{"value": 50.0}]


def test_the_other_sources(api: Server) -> None:
    logs = ask(api, chart("Bar", "Logs", "{level: {field: LEVEL}, n: {agg: COUNT}}"))["results"]
    assert logs == [{"level": "ERROR", "n": 2}, {"level": "INFO", "n": 1}]
    metrics = ask(api, chart("Bar", "Metrics", "{name: {field: NAME}, v: {field: VALUE, agg: SUM}}"))["results"]
    assert metrics == [{"name": "rows", "v": 4.0}]
    flows = ask(api, chart("Table", "Flows", "{id: {field: ID}, r: {field: REVISION}}"))["results"]
    assert flows == [{"id": "f", "r": 1}]
    assert ask(api, chart("Table", "Triggers", "{id: {field: ID}}"))["results"] == []
    labels = ask(api, chart("Table", "Executions", "{l: {field: LABELS}}"), labels={"team": "data"})["results"]
    assert labels == [{"l": {"team": "data"}}]


def test_a_stored_chart_and_its_csv(api: Server) -> None:
    text = chart("Pie", "Executions", BY_STATE).replace("\n", "\n    ").rstrip(" ")
    api.post("/dashboards", content=f"id: d\ntitle: T\ncharts:\n  - {text}", headers=YAML).raise_for_status()
    rows = api.post("/dashboards/d/charts/c", json={}).json()
    assert rows["total"] == 3
    for path, body in (
        ("/dashboards/d/charts/c/export", {}),
        ("/dashboards/charts/export", {"chart": chart("Pie", "Executions", BY_STATE)}),
    ):
        answer = api.post(path, json=body)
        assert answer.text == "state,n\r\nFAILED,1\r\nRUNNING,1\r\nSUCCESS,2\r\n"
        assert api.post(f"{path}?format=PARQUET", json=body).status_code == 422
    assert api.post("/dashboards/d/charts/gone", json={}).status_code == 404
    assert api.post("/dashboards/gone/charts/c", json={}).status_code == 404


@pytest.mark.parametrize(
    "filters",
    [
        {"filters": [{"field": "mood", "value": "x"}]},
        {"filters": {}},
        {"filters": [{"field": ["id"], "value": "x"}]},
        {"labels": []},
        {"pageSize": 0},
        {"startDate": "soon"},
        {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"},
        {"startDate": "2020-01-01T00:00:00Z"},
    ],
    ids=["field", "filters", "list", "labels", "page", "date", "backwards", "too-long"],
)
def test_what_cannot_be_asked(api: Server, filters: dict[str, Any]) -> None:
    body = {"chart": chart("Table", "Executions", IDS), "globalFilter": filters}
    assert api.post("/dashboards/charts/preview", json=body).status_code == 422


@pytest.mark.parametrize(
    "columns",
    ["{field: ID, agg: COUNT}", "{v: {field: START_DATE, agg: SUM}}", "{v: {field: LABELS, agg: MAX}}"],
    ids=["single", "date", "labels"],
)
def test_columns_that_cannot_be(api: Server, columns: str) -> None:
    body = {"chart": chart("Table", "Executions", columns)}
    assert api.post("/dashboards/charts/preview", json=body).status_code == 422


def test_a_markdown_chart_has_no_data(api: Server) -> None:
    body = {"chart": f"id: m\ntype: {CHART}Markdown\ncontent: hello\n"}
    assert api.post("/dashboards/charts/preview", json=body).status_code == 422


def test_a_chart_that_takes_too_long_is_given_up(api: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "LONGEST_SECONDS", -1.0)
    monkeypatch.setattr(charts, "_STEPS", 1)
    answer = api.post("/dashboards/charts/preview", json={"chart": chart("Table", "Executions", IDS)})
    assert answer.status_code == 422
    assert "shorter window" in answer.json()["message"]
    monkeypatch.undo()
    assert len(ask(api, chart("Table", "Executions", IDS))["results"]) == 4


def test_secrets_are_hidden_in_rows_and_csv(tmp_path: Path) -> None:
    with running(tmp_path, engine=True) as server:
        server.store.write(_fill).result()
        server.put("/namespaces/company/secrets", json={"key": "K", "value": "broken"}).raise_for_status()
        text = chart("Table", "Logs", "{m: {field: MESSAGE}}")
        for path in ("preview", "export"):
            answer = server.post(f"/dashboards/charts/{path}", json={"chart": text})
            assert "hello" in answer.text
            assert "broken" not in answer.text
