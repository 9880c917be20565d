"""What a server tells beside the objects: calls, executions that run, names of secrets; None where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.remote import surroundings
from flowctl.remote.client import HttpServer
from tests.remote.loopback import TOKEN, Hidden, Running, running

CHILD = "id: child\nnamespace: dev\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: x\n"
CALLER = (
    "id: caller\nnamespace: other\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.flow.Subflow\n"
    "    namespace: dev\n    flowId: child\n"
)


def test_the_bundled_server_tells_all_in_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_FROM_OUTSIDE", "eA==")
    with running(tmp_path, "2.0") as found:
        environment = found.environment(plain=False)
        server = found.connect(environment, plain=False)
        child, caller = FlowKey("dev", "child"), FlowKey("other", "caller")
        server.create_flow(child, CHILD)
        server.create_flow(caller, CALLER)
        live = server.read_state(environment)
        assert live.calls == ((caller, "subflow", child),)
        assert live.executions == {}
        assert live.secrets is not None and ("", "FROM_OUTSIDE") in live.secrets


class Closed(httpx.BaseTransport):
    """A server that answers some of its routes with an error."""

    def __init__(self, status: int, *paths: str) -> None:
        self._inner, self._status, self._paths = Hidden(), status, paths

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self._paths):
            return httpx.Response(self._status, json={"message": "no"})
        return self._inner.handle_request(request)


@pytest.fixture(params=["2.0", "1.3"])
def plain(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Running, Environment]]:
    """A server without flowctl's own routes that runs executions and has a secret."""
    monkeypatch.setenv("SECRET_FROM_OUTSIDE", "eA==")
    with running(tmp_path, request.param, works=True) as found:
        yield found, found.environment(plain=True)


def start(found: Running, namespace: str, id_: str) -> None:
    """An execution that waits to be resumed."""
    url = f"{found.url}/api/v1/main/executions/{namespace}/{id_}"
    httpx.post(url, headers={"Authorization": f"Bearer {TOKEN}"}, files={"x": b"x"}).raise_for_status()


def test_a_kestra_tells_what_runs_and_its_secrets(plain: tuple[Running, Environment]) -> None:
    found, environment = plain
    server = found.connect(environment, plain=True)
    for namespace, id_ in (("dev", "a"), ("dev.sub", "b"), ("devil", "c")):
        text = f"id: {id_}\nnamespace: {namespace}\ntasks:\n  - {{id: p, type: io.kestra.plugin.core.flow.Pause}}\n"
        server.create_flow(FlowKey(namespace, id_), text)
        start(found, namespace, id_)
    start(found, "dev", "a")
    activity = [FlowKey("dev", "a"), FlowKey("dev.sub", "b")]
    assert {key: sum(states.values()) for key, states in server.read_activity(activity).executions.items()} == {
        activity[0]: 2,
        activity[1]: 1,
    }
    live = server.read_state(environment)
    assert live.executions is not None
    assert {key: sum(states.values()) for key, states in live.executions.items()} == {activity[0]: 2, activity[1]: 1}
    assert live.secrets == {("", "FROM_OUTSIDE")}
    assert live.calls == ()


def test_a_kestra_tells_who_calls_from_outside(plain: tuple[Running, Environment]) -> None:
    found, environment = plain
    server = found.connect(environment, plain=True)
    waiting = (
        "id: waiting\nnamespace: other.deep\ntasks:\n"
        "  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: x\n"
        "triggers:\n  - id: on\n    type: io.kestra.plugin.core.trigger.Flow\n    "
    )
    modern = server.identity.modern
    waiting += "dependsOn: [" if modern else "preconditions: {id: p, flows: ["
    waiting += "{namespace: dev.sub, flowId: b}]" + ("\n" if modern else "}\n")
    b = CHILD.replace("child", "b").replace("namespace: dev", "namespace: dev.sub")
    within = CALLER.replace("namespace: other", "namespace: dev", 1)
    for key, text in (
        (FlowKey("dev", "child"), CHILD),
        (FlowKey("dev.sub", "b"), b),
        (FlowKey("other", "caller"), CALLER),
        (FlowKey("dev", "caller"), within),
        (FlowKey("other.deep", "waiting"), waiting),
    ):
        server.create_flow(key, text)
    assert server.read_state(environment).calls == (
        (FlowKey("dev", "caller"), "subflow", FlowKey("dev", "child")),
        (FlowKey("other", "caller"), "subflow", FlowKey("dev", "child")),
        (FlowKey("other.deep", "waiting"), "trigger", FlowKey("dev.sub", "b")),
    )


FARTHER = CALLER.replace("caller", "farther").replace("other", "beyond").replace("dev", "other", 1)
FARTHER = FARTHER.replace("flowId: child", "flowId: caller")
FARTHEST = FARTHER.replace("farther", "farthest").replace("beyond", "end").replace("flowId: caller", "flowId: farther")
FARTHEST = FARTHEST.replace("namespace: other", "namespace: beyond")
OURS, NEAR = FlowKey("dev", "child"), FlowKey("other", "caller")
FAR, END = FlowKey("beyond", "farther"), FlowKey("end", "farthest")
CHAIN = ((FAR, "subflow", NEAR), (END, "subflow", FAR), (NEAR, "subflow", OURS))


def make_chain(server: HttpServer) -> None:
    """Flows of three other namespaces call each other, and the last of them ours; and one has nothing to do with it."""
    beside = CHILD.replace("child", "beside").replace("dev", "other")
    knows = (
        CALLER.replace("caller", "knows").replace("namespace: dev", "namespace: other").replace(": child", ": beside")
    )
    for key, text in ((OURS, CHILD), (NEAR, CALLER), (FAR, FARTHER), (END, FARTHEST)):
        server.create_flow(key, text)
    server.create_flow(FlowKey("other", "beside"), beside)
    server.create_flow(FlowKey("other", "knows"), knows)


def test_callers_of_callers_elsewhere_are_told_by_the_bundled_server(tmp_path: Path) -> None:
    with running(tmp_path, "2.0") as found:
        environment = found.environment(plain=False)
        server = found.connect(environment, plain=False)
        make_chain(server)
        live = server.read_state(environment)
        assert (live.calls, live.unasked) == (CHAIN, ())


def test_callers_of_callers_elsewhere_are_asked_for_at_a_kestra(plain: tuple[Running, Environment]) -> None:
    found, environment = plain
    server = found.connect(environment, plain=True)
    make_chain(server)
    live = server.read_state(environment)
    assert (live.calls, live.unasked) == (CHAIN, ())


def test_what_a_namespace_elsewhere_does_not_tell_is_named(
    plain: tuple[Running, Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, environment = plain
    server = found.connect(environment, plain=True, transport=Closed(403, "/beyond/dependencies"))
    make_chain(server)
    live = server.read_state(environment)
    assert (live.calls, live.unasked) == ((CHAIN[0], CHAIN[2]), ("beyond",))
    monkeypatch.setattr(surroundings, "MOST_ELSEWHERE", 0)
    live = server.read_state(environment)
    assert (live.calls, live.unasked) == ((CHAIN[2],), ("other",))


@pytest.mark.parametrize("status", [401, 403, 404, 405, 500, 503])
def test_what_is_refused_is_unknown_and_the_rest_is_read(plain: tuple[Running, Environment], status: int) -> None:
    found, environment = plain
    wire = Closed(status, "/executions/search", "/secrets", "/dependencies")
    server = found.connect(environment, plain=True, transport=wire)
    server.create_flow(FlowKey("dev", "a"), CHILD.replace("child", "a"))
    live = server.read_state(environment)
    assert (live.executions, live.secrets, live.calls) == (None, None, None)
    assert set(live.flows) == {FlowKey("dev", "a")}


def test_no_secret_at_all_may_be_a_backend_that_is_not_seen(
    plain: tuple[Running, Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, environment = plain
    monkeypatch.delenv("SECRET_FROM_OUTSIDE")
    assert found.connect(environment, plain=True).read_state(environment).secrets is None


def test_more_executions_than_a_plan_waits_for_are_unknown(
    plain: tuple[Running, Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, environment = plain
    monkeypatch.setattr(surroundings, "MOST", 1)
    server = found.connect(environment, plain=True)
    text = "id: a\nnamespace: dev\ntasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n"
    server.create_flow(FlowKey("dev", "a"), text)
    start(found, "dev", "a")
    assert server.read_state(environment).executions is not None
    start(found, "dev", "a")
    assert server.read_state(environment).executions is None
