"""Listings over flows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.api.flows import source_search
from tests.engine.api.server import Server, flow, running


def fill(server: Server) -> None:
    for namespace, id_, team in (
        ("company.team", "alpha", "red"),
        ("company.team", "beta", "blue"),
        ("company.team.sub", "gamma", "red"),
        ("company.team2", "delta", "a, b"),
        ("system", "clean", "blue"),
    ):
        server.save(flow(id_, namespace, f"needle in {id_}", f"labels:\n  team: '{team}'\n"))
    server.save(flow("gone", "company.team"))
    server.delete("/flows/company.team/gone")


@pytest.fixture
def filled(server: Server) -> Server:
    fill(server)
    return server


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "old", "1.3") as server:
        fill(server)
        yield server


def ids(server: Server, query: str) -> list[str]:
    answer = server.get(f"/flows/search?sort=id:asc&size=100&{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["results"]]


ALL = ["alpha", "beta", "clean", "delta", "gamma"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("filters[namespace][EQUALS]=company.team", ["alpha", "beta"]),
        ("filters[namespace][NOT_EQUALS]=company.team", ["clean", "delta", "gamma"]),
        ("filters[namespace][PREFIX]=company.team", ["alpha", "beta", "gamma"]),
        ("filters[namespace][STARTS_WITH]=company.team", ["alpha", "beta", "delta", "gamma"]),
        ("filters[namespace][ENDS_WITH]=sub", ["gamma"]),
        ("filters[namespace][CONTAINS]=TEAM2", ["delta"]),
        ("filters[namespace][IN]=system,company.team2", ["clean", "delta"]),
        ("filters[namespace][NOT_IN]=system,company.team2", ["alpha", "beta", "gamma"]),
        ("filters[flowId][REGEX]=.*ta", ["beta", "delta"]),
        ("filters[flowId][EQUALS]=alpha&filters[namespace][EQUALS]=system", []),
        ("filters[q][EQUALS]=*", ALL),
        ("filters[q][NOT_EQUALS]=*", []),
        ("filters[q][EQUALS]=AMM", ["gamma"]),
        ("filters[q][NOT_EQUALS]=company", ["clean"]),
        ("filters[labels][EQUALS][team]=red", ["alpha", "gamma"]),
        ("filters[labels][EQUALS][team]= red", ["alpha", "gamma"]),
        ("filters[labels][NOT_EQUALS][team]=red", ["beta", "clean", "delta"]),
        ("filters[labels][EQUALS][team]=a, b", ["delta"]),
        ("filters[labels][IN][team]=blue,red", ["alpha", "beta", "clean", "gamma"]),
        ("filters[labels][CONTAINS][team]=RE", ["alpha", "gamma"]),
        ("filters[labels][EQUALS][other]=red", []),
        ("filters[scope][EQUALS]=SYSTEM", ["clean"]),
        ("filters[scope][EQUALS]=USER", ["alpha", "beta", "delta", "gamma"]),
        ("filters[scope][EQUALS]=USER,SYSTEM", ALL),
        ("filters[scope][NOT_EQUALS]=USER,SYSTEM", []),
        ("filters[or][0][flowId][EQUALS]=alpha&filters[or][1][namespace][EQUALS]=system", ["alpha", "clean"]),
        ("filters[or][0][flowId][EQUALS]=alpha&filters[or][1][labels][EQUALS][team]=blue", ["alpha", "beta", "clean"]),
        ("filters[or][0][flowId][EQUALS]=alpha&filters[or][0][namespace][EQUALS]=system", []),
        (
            "filters[and][0][namespace][PREFIX]=company.team"
            "&filters[and][1][or][0][flowId][EQUALS]=gamma&filters[and][1][or][1][flowId][EQUALS]=clean",
            ["gamma"],
        ),
        (
            "filters[or][0][and][0][namespace][EQUALS]=company.team&filters[or][0][and][1][flowId][EQUALS]=beta"
            "&filters[or][1][flowId][EQUALS]=delta",
            ["beta", "delta"],
        ),
        ("filters[or][7][flowId][IN]=alpha,beta&filters[flowId][NOT_EQUALS]=beta", ["alpha"]),
        ("filters[namespace][EQUALS]=' OR 1=1 --", []),
        ("namespace=system", ALL),
    ],
)
def test_filters(filled: Server, query: str, found: list[str]) -> None:
    assert ids(filled, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("namespace=company.team", ["alpha", "beta", "gamma"]),
        ("q=gam", ["gamma"]),
        ("labels=team:red", ["alpha", "gamma"]),
        ("labels=team:a, b", ["delta"]),
        ("scope=SYSTEM", ["clean"]),
        ("namespace=system&filters[flowId][EQUALS]=beta", ["beta"]),
    ],
)
def test_parameters_of_before_filters_are_obeyed_by_1_3(old: Server, query: str, found: list[str]) -> None:
    assert ids(old, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "filters[nonsense][EQUALS]=1",
        "filters[q][REGEX]=a",
        "filters[q][LIKE]=a",
        "filters[labels][EQUALS]=a",
        "filters[q][EQUALS][x]=a",
        "filters[q]=a",
        "filters[]=",
        "filters[or][flowId][EQUALS]=a",
        "filters[or][x][flowId][EQUALS]=a",
        "filters[not][0][flowId][EQUALS]=a",
        "filters[or][0][nonsense][EQUALS]=a",
        "filters[or][0][or][0][or][0][flowId][EQUALS]=a",
        "filters[scope][EQUALS]=OTHER",
        "filters[flowId][REGEX]=(a%2B)%2B",
        "filters[flowId][REGEX]=[",
        "filters[flowId][REGEX]=a*a*a*a*a*b",
        "page=0",
        "page=-1",
        "page=x",
        "size=0",
        "size=10001",
        "size=99999999999999999999",
        "sort=id",
        "sort=id:asc:x",
        "sort=nonsense:asc",
        "&".join(["filters[q][EQUALS]=a"] * 101),
    ],
)
def test_odd_queries_are_422(filled: Server, query: str) -> None:
    answer = filled.get(f"/flows/search?{query}")
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_pages_and_sorting(filled: Server) -> None:
    first = filled.get("/flows/search?size=2&page=1&sort=id:desc").json()
    second = filled.get("/flows/search?size=2&page=3&sort=id:desc").json()
    past = filled.get("/flows/search?size=2&page=4").json()
    assert ([row["id"] for row in first["results"]], first["total"]) == (["gamma", "delta"], 5)
    assert [row["id"] for row in second["results"]] == ["alpha"]
    assert past == {"results": [], "total": 0}
    by_two = filled.get("/flows/search?size=9&sort=namespace:desc&sort=id:desc").json()["results"]
    assert [row["id"] for row in by_two] == ["clean", "delta", "gamma", "beta", "alpha"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filters[q][EQUALS]=TEAM2", ["company.team2"]),
        ("filters[q][EQUALS]=*", ["company", "company.team", "company.team.sub", "company.team2", "system"]),
        ("filters[q][NOT_EQUALS]=company&filters[existingOnly][EQUALS]=true", ["system"]),
        ("filters[or][0][q][EQUALS]=sub&filters[or][1][q][EQUALS]=sys", ["company.team.sub", "system"]),
    ],
)
def test_namespaces_are_chosen_by_filters(filled: Server, query: str, found: list[str]) -> None:
    body = filled.get(f"/namespaces/search?size=10&{query}").json()
    assert ([row["id"] for row in body["results"]], body["total"]) == (found, len(found))
    assert filled.get("/namespaces/search?filters[state][EQUALS]=x").status_code == 422


def test_the_text_of_sources_is_searched(filled: Server) -> None:
    body = filled.get("/flows/source?q=IN GAMMA").json()
    assert [item["model"]["id"] for item in body["results"]] == ["gamma"]
    assert "[mark]in gamma[/mark]" in body["results"][0]["fragments"][0]
    assert filled.get("/flows/source?namespace=company.team&size=1").json()["total"] == 3


def test_namespaces_that_hold_flows(filled: Server) -> None:
    assert filled.get("/flows/distinct-namespaces").json() == [
        "company.team",
        "company.team.sub",
        "company.team2",
        "system",
    ]
    assert filled.get("/flows/distinct-namespaces?q=sy").json() == ["system"]


def test_the_tree_of_namespaces(filled: Server) -> None:
    body = filled.get("/namespaces/search?size=100").json()
    names = ["company", "company.team", "company.team.sub", "company.team2", "system"]
    assert [row["id"] for row in body["results"]] == names
    assert [row["id"] for row in filled.get("/namespaces/search?size=2&page=2&sort=id:desc").json()["results"]] == [
        "company.team.sub",
        "company.team",
    ]
    assert filled.post("/namespaces/autocomplete", json={"q": "team2", "ids": ["mine"]}).json() == [
        "company.team2",
        "mine",
    ]


SECTIONED = """id: sectioned
namespace: company.text
inputs:
  - {id: Word, type: STRING, defaults: words}
tasks:
  - {id: word, type: io.kestra.plugin.core.log.Log, message: "word word"}
"""


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("q=word", [(4, 9), (4, 39), (6, 9), (6, 62), (6, 67)]),
        ("q=word&caseSensitive=true", [(4, 39), (6, 9), (6, 62), (6, 67)]),
        ("q=word&wholeWord=true", [(4, 9), (6, 9), (6, 62), (6, 67)]),
        ("q=W.rd&regex=true&caseSensitive=true", [(4, 9)]),
        ("q=w[a-z]*s\\b&regex=true", [(4, 39)]),
        ("q=word&scope=INPUTS", [(4, 9), (4, 39)]),
        ("q=word&scope=TASKS&wholeWord=true", [(6, 9), (6, 62), (6, 67)]),
        ("q=word&scope=TRIGGERS", None),
        ("q=w.rd", None),
    ],
)
def test_the_lines_that_match_are_answered(server: Server, query: str, places: list[tuple[int, int]] | None) -> None:
    server.save(SECTIONED)
    body = server.get(f"/flows/source?{query}").json()
    if places is None:
        assert body == {"results": [], "total": 0}
        return
    (item,) = body["results"]
    assert (item["namespace"], item["id"], item["model"]["id"]) == ("company.text", "sectioned", "sectioned")
    assert [(found["line"], found["column"]) for found in item["matches"]] == places
    lines = SECTIONED.split("\n")
    assert all(found["snippet"] == lines[found["line"] - 1] for found in item["matches"])


@pytest.mark.parametrize("query", ["q=[&regex=true", "q=a&scope=ODD", "q=a&regex=perhaps"])
def test_odd_searches_in_sources_are_422(filled: Server, query: str) -> None:
    assert filled.get(f"/flows/source?{query}").status_code == 422


def test_a_pattern_that_would_run_away_is_422(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_search, "SECONDS", 0.05)
    server.save(flow("long", "company.team", "a" * 20_000))
    assert server.get("/flows/source?q=(a|b|ab)*[c-d]&regex=true").status_code == 422


def test_pages_of_what_a_pattern_finds(filled: Server) -> None:
    pages = [filled.get(f"/flows/source?q=^id&regex=true&size=2&page={n}&sort=id:asc").json() for n in (1, 3)]
    assert [[row["id"] for row in page["results"]] for page in pages] == [["alpha", "beta"], ["gamma"]]
    assert pages[0]["total"] == 5
