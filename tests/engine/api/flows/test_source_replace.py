"""Replacing in the sources of flows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.api.server import Server, flow

URL = "/flows/source/replace"
KEYS = [{"namespace": "company.team", "id": name} for name in ("a", "b", "gone")]


@pytest.fixture
def filled(server: Server) -> Server:
    server.save(flow("a", message="old word, older word") + "# old\n")
    server.save(flow("b", "company.team", message="nothing"))
    server.save(flow("c", "elsewhere", message="old"))
    return server


def ask(server: Server, name: str, **body: object) -> Any:
    return server.post(f"{URL}/{name}", json=body)


def source(server: Server, name: str = "a") -> str:
    return str(server.get(f"/flows/company.team/{name}?source=true").json()["source"])


def test_a_preview_shows_every_place_and_saves_nothing(filled: Server) -> None:
    before = source(filled)
    body = ask(filled, "preview", query="old", wholeWord=True, replacement="new").json()
    assert [body[name] for name in ("totalMatches", "totalFlows", "editableFlowCount")] == [3, 2, 2]
    first = body["flows"][0]["matches"][0]
    assert (first["before"].strip(), first["after"].strip()) == (
        "message: old word, older word",
        "message: new word, older word",
    )
    assert ask(filled, "preview", query="old", replacement="new", namespace="elsewhere").json()["totalFlows"] == 1
    assert source(filled) == before


def test_flows_are_rewritten_and_others_named_with_the_reason(filled: Server) -> None:
    body = ask(filled, "apply", query="old", replacement="$1\\new", scope="TASKS", flows=KEYS).json()
    assert [(row["id"], row["revision"]) for row in body["updated"]] == [("a", 2)]
    assert [(row["id"], row["reason"]) for row in body["skipped"]] == [("b", "NO_MATCH"), ("gone", "NOT_FOUND")]
    assert source(filled).endswith("message: $1\\new word, $1\\newer word\n# $1\\new\n")
    again = ask(filled, "apply", query="word", replacement="word", flows=KEYS[:1]).json()
    assert [row["reason"] for row in again["skipped"]] == ["NO_CHANGE"]


def test_groups_of_a_regular_expression_stand_in_the_replacement(filled: Server) -> None:
    ask(filled, "apply", query="(old)(er)? (w)", regex=True, replacement="$3$1 $2", flows=KEYS[:1])
    assert "message: wold ord, wold erord" in source(filled)


@pytest.mark.parametrize(
    ("query", "replacement", "reason"),
    [
        ("io.kestra", "no.such", "INVALID_FLOW"),
        ("id: a", "id: other", "INVALID_FLOW"),
        ("tasks:", "tasks: ]", "INVALID_FLOW"),
        ("log$", "l", "NO_MATCH"),
    ],
)
def test_what_would_be_no_flow_is_left_as_it_is(filled: Server, query: str, replacement: str, reason: str) -> None:
    before = source(filled)
    body = ask(filled, "apply", query=query, replacement=replacement, flows=KEYS[:1]).json()
    assert body["updated"] == []
    assert [row["reason"] for row in body["skipped"]] == [reason]
    assert source(filled) == before


def test_one_place_is_replaced(filled: Server) -> None:
    key = {"namespace": "company.team", "id": "a"}
    (row,) = ask(filled, "preview", query="older", replacement="x", namespace="company.team").json()["flows"]
    number = row["matches"][0]["line"]
    saved = ask(filled, "line", query="word", replacement="text", line=number, **key).json()
    assert (saved["revision"], "old text, older word" in saved["source"]) == (2, True)
    column = saved["source"].split("\n")[number - 1].index("word")
    saved = ask(filled, "line", query="word", replacement="text", line=number, column=column, **key).json()
    assert "old text, older text" in saved["source"]
    assert ask(filled, "line", query="word", replacement="x", **key).status_code == 422
    assert ask(filled, "line", query="old", replacement="x", line=1, **key).status_code == 422
    assert ask(filled, "line", query="old", replacement="x", **(key | {"id": "gone"})).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": "", "replacement": "x"},
        {"query": "a", "replacement": 1},
        {"query": "[", "replacement": "x", "regex": True},
        {"query": "old", "replacement": "$9", "regex": True},
        {"query": "a", "replacement": "x", "scope": "ODD"},
    ],
)
def test_odd_requests_are_422(filled: Server, body: dict[str, object]) -> None:
    assert ask(filled, "preview", **body).status_code == 422
    assert ask(filled, "apply", **body, flows=KEYS[:1]).status_code == 422
    assert ask(filled, "apply", query="a", replacement="b", flows=[]).status_code == 422
