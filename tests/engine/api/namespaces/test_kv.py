"""The key-value store over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.api.namespaces.kv_values import InvalidValue, parse_duration_ms, typed
from tests.engine.api.server import Server, running

KV = "/namespaces/company.team/kv"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "old", "1.3") as server:
        yield server


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('"hello"', "STRING", "hello"),
        ("42", "NUMBER", 42),
        ("-1.50", "NUMBER", -1.5),
        ("1e3", "NUMBER", 1000.0),
        ("true", "BOOLEAN", True),
        ("false", "BOOLEAN", False),
        ("2021-09-01", "DATE", "2021-09-01"),
        ("2021-09-01T01:02:03Z", "DATETIME", "2021-09-01T01:02:03Z"),
        ("2021-09-01T01:02:03.123+02:00", "DATETIME", "2021-09-01T01:02:03.123+02:00"),
        ('"PT5S"', "DURATION", "PT5S"),
        ("PT5M", "DURATION", "PT5M"),
        ("P1DT2H", "DURATION", "P1DT2H"),
        ('"2021-09-01"', "STRING", "2021-09-01"),
        ('"42"', "STRING", "42"),
        ("null", "STRING", None),
        ("bare words", "STRING", "bare"),
        ("P", "STRING", "P"),
        ('{"a": [1, null]}', "JSON", {"a": [1, None]}),
        ("[]", "JSON", []),
        (' "spaced" ', "STRING", "spaced"),
        ('"\\u00fc – 日本"', "STRING", "ü – 日本"),
    ],
)
def test_the_form_of_a_text_decides_its_type(text: str, kind: str, value: object) -> None:
    assert typed(text) == (kind, value)


@pytest.mark.parametrize("text", ["", '"open', "{", "[1,", "2021-13-01", "2021-02-30T00:00:00Z", "-", ":x", "\x00"])
def test_what_cannot_be_read_is_refused(text: str, server: Server) -> None:
    with pytest.raises(InvalidValue):
        typed(text)
    answer = server.put(f"{KV}/k", content=text.encode())
    assert answer.status_code == 422
    assert "Invalid JSON value" in answer.json()["message"]


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        kind, _ = typed(text)
    except InvalidValue:
        return
    assert kind in {"STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"}


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("PT1S", 1000),
        ("PT0.5S", 500),
        ("P1D", 86_400_000),
        ("P1DT1M", 86_460_000),
        ("pt1h", 3_600_000),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("-PT1S", None),
        ("PT0S", None),
        ("P1Y", None),
        ("1h", None),
        ("", None),
        ("PT" + "9" * 20 + "S", None),
    ],
)
def test_durations(text: str, milliseconds: int | None) -> None:
    assert parse_duration_ms(text) == milliseconds


def test_a_value_counts_its_revisions_and_keeps_its_description(server: Server) -> None:
    server.put(f"{KV}/k", content='"one"', headers={"description": "about"})
    server.clock.forward(minutes=1)
    assert server.put(f"{KV}/k", content="2").content == b""
    assert server.get(f"{KV}/k").json() == {
        "type": "NUMBER",
        "value": 2,
        "revision": 2,
        "updated": "2026-03-01T12:01:00.000000Z",
    }
    (row,) = server.get("/kv").json()["results"]
    assert (row["description"], row["creationDate"], row["updateDate"]) == (
        "about",
        "2026-03-01T12:00:00.000000Z",
        "2026-03-01T12:01:00.000000Z",
    )
    assert "value" not in row


def test_a_value_ends_with_its_time(server: Server) -> None:
    server.put(f"{KV}/header", content="1", headers={"ttl": "PT5M"})
    server.put(f"{KV}/query?ttl=PT10M", content="1")
    server.clock.forward(minutes=6)
    assert server.get(f"{KV}/header").status_code == 410
    assert server.get(f"{KV}/query").status_code == 200
    assert [row["key"] for row in server.get("/kv").json()["results"]] == ["query"]
    assert server.delete(f"{KV}/header").json() is False
    assert server.get(f"{KV}/header").status_code == 404


def test_bad_keys_and_times_are_422_on_every_method(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert server.ask(method, f"{KV}/bad key").status_code == 422
    assert server.put(f"{KV}/k", content="1", headers={"ttl": "soon"}).status_code == 422
    assert server.get(f"{KV}/k").status_code == 404


def test_deleting_says_what_was_there(server: Server) -> None:
    server.put(f"{KV}/a", content="1")
    server.put(f"{KV}/b", content="1")
    assert server.delete(f"{KV}/a").json() is True
    assert server.delete(f"{KV}/a").json() is False
    assert server.ask("DELETE", KV, json={"keys": ["a", "b"]}).json() == {"keys": ["b"]}
    assert server.ask("DELETE", KV, json=["a"]).status_code == 422


def test_listings_of_both_generations(server: Server, old: Server) -> None:
    for each in (server, old):
        for namespace in ("company", "company.team", "other"):
            each.put(f"/namespaces/{namespace}/kv/k-{namespace}", content="1")
    assert server.get(KV).status_code == 405
    (row,) = old.get(KV).json()
    assert (row["version"], "revision" in row) == (1, False)
    (row,) = server.get("/kv?filters[namespace][EQUALS]=company.team").json()["results"]
    assert (row["revision"], "version" in row) == (1, False)
    keys = [row["key"] for row in server.get("/kv?sort=key:desc").json()["results"]]
    assert keys == ["k-other", "k-company.team", "k-company"]
    assert [row["key"] for row in server.get(f"{KV}/inheritance").json()] == ["k-company"]
    assert server.get("/kv?filters[q][EQUALS]=OTHER").json()["total"] == 1
    assert server.get("/kv?filters[updated][GREATER_THAN]=2026-03-01T12:00:00Z").json()["total"] == 0
    assert server.get("/kv?filters[updated][GREATER_THAN]=yesterday").status_code == 422


def test_keys_are_found_by_the_time_they_expire(server: Server) -> None:
    server.put(f"{KV}/lasting", content="1")
    server.put(f"{KV}/short", content="1", headers={"ttl": "PT5M"})
    server.put(f"{KV}/long", content="1", headers={"ttl": "P1D"})
    found = server.get("/kv?filters[expirationDate][LESS_THAN]=2026-03-01T13:00:00Z").json()["results"]
    assert [entry["key"] for entry in found] == ["short"]
