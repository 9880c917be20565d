"""Listing executions over HTTP, their logs and metrics, and following them."""

from __future__ import annotations

import json

import pytest

from tests.engine.api.executions.calling import FAIL, KEY, Api
from tests.engine.api.server import flow


def test_search_by_filters_with_totals(api: Api) -> None:
    api.server.save(flow())
    api.server.save(FAIL)
    ids = [api.start()["id"] for _ in range(3)]
    failed = api.start("bad")["id"]

    def found(query: str) -> tuple[int, list[str]]:
        body = api.server.get(f"/executions/search?{query}").json()
        return body["total"], [row["id"] for row in body["results"]]

    assert found("size=2&sort=state.startDate:asc") == (4, ids[:2])
    assert found(f"filters[namespace][EQUALS]={KEY}&filters[flowId][EQUALS]=f&size=9&sort=startDate:asc") == (3, ids)
    assert found("filters[state][IN]=FAILED,KILLED") == (1, [failed])
    assert found("filters[namespace][PREFIX]=company&filters[state][NOT_EQUALS]=SUCCESS") == (1, [failed])
    assert found("filters[flowId][EQUALS]=none") == (0, [])
    listing = api.server.get(f"/executions?namespace={KEY}&flowId=f").json()
    assert [row["id"] for row in listing["results"]] == ids


def test_search_by_label_trims_the_value(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start(query="?wait=true&labels=k:v")["id"]
    api.start()
    body = api.server.get("/executions/search", params={"filters[labels][EQUALS][k]": " v"}).json()
    assert [row["id"] for row in body["results"]] == [id_]


@pytest.mark.parametrize("query", ["page=0", "size=-1", "sort=nope", "sort=odd:asc", "filters[odd][EQUALS]=1"])
def test_search_refuses_what_it_does_not_understand(api: Api, query: str) -> None:
    assert api.server.get(f"/executions/search?{query}").status_code == 422


def test_logs_list_download_search_and_delete(api: Api) -> None:
    api.server.save(flow(message="hello"))
    id_ = api.start()["id"]
    (line,) = api.server.get(f"/logs/{id_}?minLevel=INFO&taskId=log").json()
    assert (line["message"], line["level"], line["attemptNumber"]) == ("hello", "INFO", 0)
    text = api.server.get(f"/logs/{id_}/download")
    assert "hello" in text.text
    assert text.headers["content-disposition"] == f'attachment; filename="{id_}.log"'
    assert api.server.get("/logs/search", params={"filters[q][EQUALS]": "hello"}).json()["total"] == 1
    assert api.server.delete(f"/logs/{id_}").status_code == 200
    assert api.server.get(f"/logs/{id_}").json() == []
    assert api.server.get("/logs/search?page=0").status_code == 422
    assert api.server.get(f"/logs/{id_}?minLevel=ODD").status_code == 422


def test_following_an_execution_ends_with_its_end(api: Api) -> None:
    api.server.save(flow())
    id_ = api.start()["id"]
    answer = api.server.get(f"/executions/{id_}/follow")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part for part in answer.text.split("\n\n") if part]
    assert [part.splitlines()[0] for part in events] == ["id: progress", "id: end"]
    assert json.loads(events[-1].splitlines()[1].removeprefix("data: "))["state"]["current"] == "SUCCESS"
    assert api.server.get("/executions/nope/follow").status_code == 404


def test_following_a_log_shows_past_lines(api: Api) -> None:
    api.server.save(flow(message="hello"))
    id_ = api.start()["id"]
    assert "hello" in api.server.get(f"/logs/{id_}/follow?minLevel=INFO").text


def test_metrics_are_paged(api: Api) -> None:
    tasks = (
        "tasks:\n  - id: m\n    type: io.kestra.plugin.core.metric.Publish\n    metrics:\n"
        "      - {type: counter, name: rows, value: 5, tags: {t: x}}\n"
        "      - {type: timer, name: took, value: PT1.5S}\n"
    )
    api.server.save(f"id: f\nnamespace: {KEY}\n{tasks}")
    id_ = api.start()["id"]
    body = api.server.get(f"/metrics/{id_}?size=1").json()
    assert (body["total"], body["results"][0]["name"], body["results"][0]["tags"]) == (2, "rows", {"t": "x"})
    assert api.server.get(f"/metrics/names/{KEY}/f").json() == ["rows", "took"]
    sums = api.server.get(f"/metrics/aggregates/{KEY}/f/took?aggregation=sum").json()["aggregations"]
    assert [row["value"] for row in sums] == [1.5]
