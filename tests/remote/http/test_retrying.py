"""What is sent again, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from flowctl.errors import ServerError, ServerRefused, ServerUnreachable
from flowctl.model.keys import FlowKey
from flowctl.remote.http.retrying import retry_after
from tests.remote.answers import answering, flow_body, script

KEY, TEXT = FlowKey("prod", "f"), "id: f\nnamespace: prod\n"
GOOD = httpx.Response(200, json=flow_body("f", TEXT))
ABSENT = httpx.Response(404, json={"message": "Not Found"})
LOST = httpx.ReadError("connection reset")


def methods(seen: list[httpx.Request]) -> list[str]:
    return [request.method for request in seen]


@pytest.mark.parametrize("first", [httpx.Response(429), httpx.Response(502), httpx.Response(503), LOST])
def test_a_read_is_repeated(first: httpx.Response | Exception) -> None:
    seen: list[httpx.Request] = []
    pauses: list[float] = []
    assert answering(script(first, GOOD, seen=seen), pauses).read_flow(KEY) is not None
    assert (methods(seen), len(pauses)) == (["GET", "GET"], 1)


def test_a_read_is_given_up_after_four_attempts() -> None:
    pauses: list[float] = []
    with pytest.raises(ServerRefused) as error:
        answering(script(*[httpx.Response(503)] * 4), pauses).read_flow(KEY)
    assert error.value.status == 503
    assert len(pauses) == 3
    assert pauses == sorted(pauses)


def test_retry_after_is_honoured() -> None:
    pauses: list[float] = []
    limited = httpx.Response(429, headers={"Retry-After": "7"})
    answering(script(limited, GOOD), pauses).read_flow(KEY)
    assert pauses == [7.0]


def test_a_retry_after_past_a_minute_is_an_error_that_names_it() -> None:
    pauses: list[float] = []
    with pytest.raises(ServerRefused) as error:
        answering(script(httpx.Response(429, headers={"Retry-After": "3600"})), pauses).read_flow(KEY)
    assert pauses == []
    assert error.value.retry_after == 3600
    assert "3600 seconds" in error.value.diagnostics[0].hint


def test_an_update_is_repeated_because_the_same_text_keeps_its_revision() -> None:
    seen: list[httpx.Request] = []
    assert answering(script(LOST, GOOD, seen=seen)).update_flow(KEY, TEXT).revision == 1
    assert methods(seen) == ["PUT", "PUT"]


def test_a_delete_whose_answer_was_lost_is_repeated_and_finds_nothing() -> None:
    assert answering(script(LOST, ABSENT)).delete_flow(KEY) is False


def test_a_create_whose_answer_was_lost_is_read_back_not_repeated() -> None:
    seen: list[httpx.Request] = []
    written = answering(script(LOST, GOOD, seen=seen)).create_flow(KEY, TEXT)
    assert written.revision == 1
    assert methods(seen) == ["POST", "GET"]


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(503), httpx.Response(200, text="<html>")])
def test_a_create_of_unclear_outcome_is_read_back(answer: httpx.Response) -> None:
    seen: list[httpx.Request] = []
    assert answering(script(answer, GOOD, seen=seen)).create_flow(KEY, TEXT).revision == 1
    assert methods(seen) == ["POST", "GET"]


def test_a_create_that_left_nothing_is_an_error() -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(ServerUnreachable) as error:
        answering(script(LOST, ABSENT, seen=seen)).create_flow(KEY, TEXT)
    assert error.value.sent is True
    assert methods(seen) == ["POST", "GET"]


@pytest.mark.parametrize("status", [409, 422])
def test_a_create_that_meets_its_own_text_went_through_before(status: int) -> None:
    assert answering(script(httpx.Response(status, json={"message": "exists"}), GOOD)).create_flow(KEY, TEXT)


@pytest.mark.parametrize("status", [409, 422])
def test_a_create_that_meets_another_text_is_refused(status: int) -> None:
    other = httpx.Response(200, json=flow_body("f", "id: f # other\n"))
    with pytest.raises(ServerRefused) as error:
        answering(script(httpx.Response(status, json={"message": "exists"}), other)).create_flow(KEY, TEXT)
    assert error.value.status == status


def test_a_create_that_certainly_did_not_arrive_is_sent_again() -> None:
    seen: list[httpx.Request] = []
    refused = httpx.ConnectError("[Errno 111] Connection refused")
    answering(script(refused, GOOD, seen=seen)).create_flow(KEY, TEXT)
    assert methods(seen) == ["POST", "POST"]


def test_a_create_that_was_asked_to_slow_down_is_sent_again() -> None:
    pauses: list[float] = []
    limited = httpx.Response(429, headers={"Retry-After": "2"})
    answering(script(limited, GOOD), pauses).create_flow(KEY, TEXT)
    assert pauses == [2.0]


@pytest.mark.parametrize("code", ["S111", "S114"])
def test_what_will_not_heal_is_not_tried_again(code: str) -> None:
    words = {"S111": "[Errno -2] Name or service not known", "S114": "CERTIFICATE_VERIFY_FAILED certificate"}
    pauses: list[float] = []
    with pytest.raises(ServerError) as error:
        answering(script(httpx.ConnectError(words[code])), pauses).read_flow(KEY)
    assert error.value.diagnostics[0].code == code
    assert pauses == []


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_as_number_or_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds
