"""`http.Trigger` against a real server on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import shown_trigger
from flowctl.engine.plugins.protocol import TaskFailure
from flowctl.engine.plugins.web import requests
from flowctl.engine.scheduler import polling
from flowctl.engine.scheduler.polling import Polling
from tests.engine.scheduler.conftest import START, World, flow

PAUSE = "  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
MINUTE = timedelta(minutes=1)


class Handler(BaseHTTPRequestHandler):
    """Echoes the request; `/status/N` answers N."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        shown = [self.command, self.path, self.headers.get("Authorization"), self.headers.get("Content-Type"), body]
        data = "|".join(str(part) for part in shown).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class Inline:
    """A pool that does everything at once."""

    def __init__(self, threads: int, name: str) -> None:
        """Take what a pool takes."""

    def submit(self, work: Callable[..., None], *arguments: object) -> None:
        work(*arguments)

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        """Nothing is under way."""


class Polled:
    """A world in which the minutes pass at which triggers ask."""

    def __init__(self, world: World) -> None:
        self.world, self.polling = world, Polling(world.executor, lambda: None)

    def at(self, minutes: int) -> list[Execution]:
        """Ask what is due after so many minutes; returns all executions so far."""
        self.world.now = START + minutes * MINUTE
        self.world.schedules.work(self.world.now)
        self.polling.work(self.world.now)
        return self.world.executions()


@pytest.fixture
def polled(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Polled]:
    monkeypatch.setattr(polling, "ThreadPoolExecutor", Inline)
    made = Polled(world)
    yield made
    made.polling.close()


def asking(uri: str, *more: str) -> str:
    lines = "".join(f"    {line}\n" for line in ("interval: PT1M", *more))
    return f"  - id: s\n    type: io.kestra.plugin.core.http.Trigger\n    uri: '{uri}'\n{lines}"


def variables(execution: Execution) -> dict[str, object]:
    found = (execution.trigger or {})["variables"]
    assert isinstance(found, dict)
    return found


def test_an_answer_starts_an_execution_at_each_interval(polled: Polled, base: str) -> None:
    polled.world.save(flow(asking(f"{base}/{{{{ flow.id }}}}")))
    assert polled.at(0) == []
    polled.at(1)
    polled.world.settle()
    found = polled.at(2)
    assert len(found) == 2
    assert variables(found[0])["code"] == 200
    assert variables(found[0])["uri"] == f"{base}/f"
    assert str(variables(found[0])["body"]).startswith("GET|/f|")


def test_an_encrypted_body_is_read_by_expressions_and_shown_to_nobody(polled: Polled, base: str) -> None:
    say = "  - {id: say, type: io.kestra.plugin.core.debug.Return, format: '{{ trigger.encryptedBody }}'}\n"
    polled.world.save(flow(asking(f"{base}/x", "encryptBody: true"), tasks=say))
    polled.at(0)
    (found,) = polled.at(1)
    polled.world.settle()
    (found,) = polled.world.executions()
    (run,) = found.runs.values()
    assert str(run.outputs["value"]).startswith("GET|/x|")
    shown = (shown_trigger(found) or {})["variables"]
    assert isinstance(shown, dict)
    assert shown["encryptedBody"] == {"type": "io.kestra.datatype:aes_encrypted", "value": "******"}
    assert "body" not in shown
    assert found.sealed


@pytest.mark.parametrize(
    ("condition", "path", "starts"),
    [
        (None, "/status/204", 1),
        (None, "/status/404", 0),
        ('responseCondition: "{{ response.statusCode == 404 }}"', "/status/404", 1),
        ("responseCondition: \"{{ response.body contains 'ready' }}\"", "/waiting", 0),
        ("responseCondition: \"{{ response.body contains 'ready' }}\"", "/ready", 1),
    ],
)
def test_the_condition_decides(polled: Polled, base: str, condition: str | None, path: str, starts: int) -> None:
    polled.world.save(flow(asking(base + path, *([condition] if condition else []))))
    polled.at(0)
    assert len(polled.at(1)) == starts


def test_a_request_is_made_as_the_task_makes_it(polled: Polled, base: str) -> None:
    more = (
        "method: POST",
        "contentType: text/plain",
        "body: 'n={{ flow.id }}'",
        "params: {q: '1 2'}",
        "options: {auth: {type: BASIC, username: ann, password: secret}}",
    )
    polled.world.save(flow(asking(f"{base}/x", *more)))
    polled.at(0)
    [one] = polled.at(1)
    assert variables(one)["body"] == "POST|/x?q=1%202|Basic YW5uOnNlY3JldA==|text/plain; charset=UTF-8|n=f"


def test_an_address_that_does_not_answer_is_told_once_until_it_does(
    polled: Polled, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["no route", "no route", None, "no route", "no name"])

    def ask(*_: object) -> polling.Answer:
        problem = next(answers)
        if problem is not None:
            raise TaskFailure(problem)
        return polling.Answer("http://a", 404, {}, "")

    monkeypatch.setattr(polling, "ask", ask)
    polled.world.save(flow(asking("http://a")))
    for minute in range(6):
        polled.at(minute)
    assert polled.world.told() == [("s", "no route"), ("s", "no route"), ("s", "no name")]


def test_the_next_look_waits_for_the_execution_that_runs(polled: Polled, base: str) -> None:
    polled.world.save(flow(asking(base), tasks=PAUSE))
    for minutes in range(4):
        found = polled.at(minutes)
    assert len(found) == 1


def test_allow_concurrent_does_not_wait(polled: Polled, base: str) -> None:
    polled.world.save(flow(asking(base, "allowConcurrent: true"), tasks=PAUSE))
    for minutes in range(4):
        found = polled.at(minutes)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://127.0.0.1:1/", "ConnectError: "),
        ("nowhere", "Target host is not specified: 'nowhere'"),
        ("{{ no.such }}", "Unable to find `no` used in the expression"),
    ],
)
@pytest.mark.parametrize(("option", "states"), [((), []), (("failOnTriggerError: true",), ["FAILED", "FAILED"])])
def test_no_answer_fails_an_execution_only_where_that_is_asked_for(
    polled: Polled, uri: str, reason: str, option: tuple[str, ...], states: list[str]
) -> None:
    polled.world.save(flow(asking(uri, *option)))
    for minutes in range(3):
        found = polled.at(minutes)
    assert [one.state for one in found] == states
    if found:
        [line] = polled.world.store.read(
            lambda c: c.execute("SELECT message FROM logs WHERE execution_id = ?", (found[0].id,)).fetchall()
        )
        assert line[0].startswith(reason)


def test_a_failure_may_switch_the_trigger_off(polled: Polled) -> None:
    more = ("failOnTriggerError: true", "stopAfter: [FAILED]")
    polled.world.save(flow(asking("http://127.0.0.1:1/", *more)))
    for minutes in range(4):
        found = polled.at(minutes)
    assert len(found) == 1


def test_an_answer_that_is_too_large_is_not_taken_in(
    polled: Polled, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "LARGEST_BODY", 5)
    polled.world.save(flow(asking(base, "failOnTriggerError: true")))
    polled.at(0)
    [one] = polled.at(1)
    assert one.state == "FAILED"
