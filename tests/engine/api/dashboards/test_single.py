"""Dashboards as texts, and the blueprints that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine import backup
from flowctl.model.environment import Dialect
from tests.engine.api.server import YAML, Server, running

CHART = (
    "id: states\ntype: io.kestra.plugin.core.dashboard.chart.Pie\n"
    "data:\n  type: io.kestra.plugin.core.dashboard.data.Executions\n"
    "  columns:\n    state: {field: STATE}\n    total: {agg: COUNT}\n"
)
DASHBOARD = (
    "# kept\nid: overview\ntitle: Overview\ndescription: all of it\ntimeWindow: {default: P7D}\ncharts:\n  - "
    + CHART.replace("\n", "\n    ").rstrip(" ")
)
DIALECTS: tuple[Dialect, ...] = ("2.0", "1.3", "lenient")


@pytest.fixture(params=DIALECTS)
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data", request.param) as server:
        yield server


@pytest.mark.parametrize("prefix", ["/api/v1/main", "/api/v1"])
def test_a_dashboard_lives_and_goes(api: Server, prefix: str) -> None:
    base = f"{prefix}/dashboards"
    made = api.post(base, content=DASHBOARD, headers=YAML)
    assert made.status_code == 200, made.text
    assert made.json() == api.get(f"{base}/overview").json()
    assert made.json()["sourceCode"] == DASHBOARD
    assert made.json()["timeWindow"] == {"default": "P7D", "max": "P366D"}
    assert [chart["id"] for chart in made.json()["charts"]] == ["states"]
    api.clock.forward(minutes=1)
    changed = api.put(f"{base}/overview", content="title: Other\n", headers=YAML)
    assert (changed.status_code, changed.json()["title"], changed.json()["charts"]) == (200, "Other", [])
    assert changed.json()["created"] == made.json()["created"] < changed.json()["updated"]
    assert api.delete(f"{base}/overview").status_code == 204
    for answer in (
        api.get(f"{base}/overview"),
        api.delete(f"{base}/overview"),
        api.put(f"{base}/overview", content=DASHBOARD, headers=YAML),
    ):
        assert answer.status_code == 404
        assert "overview" in answer.json()["message"]


def test_a_text_without_an_id_is_given_one(api: Server) -> None:
    id_ = api.post("/dashboards", content="title: T\n", headers=YAML).json()["id"]
    assert api.get(f"/dashboards/{id_}").json()["title"] == "T"


@pytest.mark.parametrize(("dialect", "status"), [("2.0", 409), ("1.3", 422)])
def test_an_id_that_is_there_is_refused(tmp_path: Path, dialect: Dialect, status: int) -> None:
    with running(tmp_path, dialect) as server:
        server.post("/dashboards", content=DASHBOARD, headers=YAML)
        answer = server.post("/dashboards", content=DASHBOARD, headers=YAML)
    assert answer.status_code == status
    assert "overview" in answer.json()["message"]


def test_listings_are_paged_filtered_and_sorted(server: Server) -> None:
    for name in ("a", "b", "c"):
        server.post("/dashboards", content=f"id: {name}\ntitle: Title {name}\n", headers=YAML)
    found = server.get("/dashboards?size=2&page=1&sort=title:desc").json()
    assert ([row["id"] for row in found["results"]], found["total"]) == (["c", "b"], 3)
    assert "sourceCode" not in found["results"][0]
    for query in ("q=TITLE%20B", "filters[q][EQUALS]=b", "filters[id][IN]=b"):
        assert [row["id"] for row in server.get(f"/dashboards?{query}").json()["results"]] == ["b"]
    assert server.get("/dashboards?sort=charts:asc").status_code == 422


WRONG = [
    ("id: [", "YAML", "not-yaml"),
    ("- a", "mapping", "list"),
    ("id: a b\ntitle: T", "id", "id"),
    ("id: a", "title", "no-title"),
    ("id: a\ntitle: T\ntimeWindow: {default: soon}", "timeWindow.default", "window"),
    ("id: a\ntitle: T\ncharts: 1", "charts", "charts"),
    ("id: a\ntitle: T\ncharts: [1]", "charts[0]", "chart"),
    (DASHBOARD.replace("chart.Pie", "chart.Cake"), "charts[0].type", "chart-type"),
    (DASHBOARD.replace("data.Executions", "data.Cats"), "charts[0].data.type", "source"),
    (DASHBOARD.replace("STATE", "MOOD"), "charts[0].data.columns.state.field", "field"),
    (DASHBOARD.replace("COUNT", "GUESS"), "charts[0].data.columns.total.agg", "aggregation"),
]


@pytest.mark.parametrize(
    ("text", "place"), [(text, place) for text, place, _ in WRONG], ids=[name for *_, name in WRONG]
)
def test_what_is_wrong_is_said_with_its_place(server: Server, text: str, place: str) -> None:
    answer = server.post("/dashboards", content=text, headers=YAML)
    assert answer.status_code == 422
    assert place in answer.json()["message"]
    verdict = server.post("/dashboards/validate", content=text, headers=YAML)
    assert verdict.status_code == 200
    assert place in verdict.json()["constraints"]


def test_sound_texts_have_no_constraints(api: Server) -> None:
    for path, text in (("validate", DASHBOARD), ("validate/chart", CHART)):
        assert api.post(f"/dashboards/{path}", content=text, headers=YAML).json() == {"index": 0, "outdated": False}
    answer = api.post("/dashboards/validate/chart", content=CHART.replace("STATE", "MOOD"), headers=YAML)
    assert "data.columns.state.field" in answer.json()["constraints"]


def test_another_id_and_another_media_type_are_refused(server: Server) -> None:
    server.post("/dashboards", content=DASHBOARD, headers=YAML)
    assert server.put("/dashboards/overview", content="id: b\ntitle: T", headers=YAML).status_code == 422
    assert server.post("/dashboards", json={"id": "x", "title": "T"}).status_code == 415


def test_no_default_dashboard_is_chosen(api: Server) -> None:
    assert api.get("/dashboards/settings/default-dashboards").json() == {}


def test_dashboards_are_in_a_backup(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        server.post("/dashboards", content=DASHBOARD, headers=YAML)
        backup.backup(tmp_path / "data", tmp_path / "copy.tgz")
    backup.restore(tmp_path / "copy.tgz", tmp_path / "other")
    with running(tmp_path / "other") as server:
        assert server.get("/dashboards/overview").json()["sourceCode"] == DASHBOARD


def test_there_are_no_blueprints(api: Server) -> None:
    base = "/blueprints/community/flow"
    assert api.get(base).json() == {"results": [], "total": 0}
    assert api.get(f"{base}/tags").json() == []
    for path in (f"{base}/1", f"{base}/1/source", f"{base}/1/graph"):
        assert api.get(path).status_code == 404
    assert api.get("/blueprints/community/cake").status_code == 422
