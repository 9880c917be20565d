"""`null` in the place of any part of any recorded flow, and in every list and map: a 4xx or a run that ends, and no
harm to anybody else, now or at the next start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.flowtext.problems import YamlProblem
from tests.engine.api.server import YAML, Server
from tests.engine.running import engine, flow
from tests.faults.whole import Whole

FLOWS = sorted((Path(__file__).parents[1] / "contract" / "flows").rglob("*.y*ml"))


WHOLE = {
    "id": "nulls",
    "namespace": "faults",
    "labels": {"a": "b"},
    "inputs": [{"id": "i", "type": "STRING", "defaults": "x"}],
    "variables": {"v": [1, {"w": 2}]},
    "tasks": [
        {
            "id": "p",
            "type": "io.kestra.plugin.core.flow.Parallel",
            "tasks": [{"id": "r", "type": "io.kestra.plugin.core.debug.Return", "format": "x"}],
        },
        {"id": "w", "type": "io.kestra.plugin.core.flow.If", "condition": "true", "then": [
            {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": ["a", "b"]}]},
    ],
    "errors": [{"id": "e", "type": "io.kestra.plugin.core.log.Log", "message": "m"}],
    "outputs": [{"id": "o", "type": "STRING", "value": "x"}],
    "triggers": [
        {"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "* * * * *", "inputs": {"i": "x"}},
        {"id": "f", "type": "io.kestra.plugin.core.trigger.Flow", "preconditions": {
            "id": "q", "flows": [{"namespace": "a", "flowId": "b"}]}},
    ],
    "concurrency": {"limit": 5, "behavior": "QUEUE"},
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    found = Whole(tmp_path_factory.mktemp("nulls"))
    yield found
    assert found.failures() == []  # contained, and yet mistakes of ours
    found.close()


def places(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of each part of a value, with one more than there is in each list and map."""
    if isinstance(value, dict):
        yield (*here, "more")
        for key, item in value.items():
            yield (*here, key)
            yield from places(item, (*here, key))
    elif isinstance(value, list):
        yield (*here, len(value))
        for at, item in enumerate(value):
            yield (*here, at)
            yield from places(item, (*here, at))


def nulled(value: object, place: tuple[str | int, ...]) -> object:
    """A copy with null at a place."""
    if not place:
        return None
    first, rest = place[0], place[1:]
    if isinstance(value, dict):
        return {**value, first: nulled(value.get(first), rest)}
    assert isinstance(value, list) and isinstance(first, int)
    return [*value[:first], nulled(value[first] if first < len(value) else None, rest), *value[first + 1 :]]


def document(path: Path) -> object:
    """A recorded flow as data; None when its text is no YAML."""
    try:
        return parse(path.read_text()).value
    except YamlProblem:
        return None


@st.composite
def harmed(draw: st.DrawFn) -> object:
    """A recorded flow with null at one to three places."""
    value = draw(st.sampled_from(FLOWS).map(document).filter(lambda found: isinstance(found, dict)))
    for _ in range(draw(st.integers(1, 3))):
        value = nulled(value, draw(st.sampled_from(list(places(value)))))
    return value


def save(server: Server, value: object) -> None:
    """Save it and start what was taken; nothing of that may be an error of the server."""
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        value = {**value, "namespace": "nulls" if value.get("namespace") else None, "disabled": None}
    text = json.dumps(value, default=str)
    for path in ("/flows/validate", "/flows"):
        answer = server.post(path, content=text, headers=YAML)
        assert answer.status_code < 500, (text, answer.text)
    if answer.is_success:
        found = answer.json()
        place = f"{found['namespace']}/{found['id']}"
        for path in (f"/flows/{place}?source=true", f"/flows/{place}/graph"):
            assert server.get(path).status_code < 500, (path, text)
        started = server.post(f"/executions/{place}")
        assert started.status_code < 500, (text, started.text)
        if started.is_success:
            assert server.get(f"/executions/{started.json()['id']}").status_code == 200


PAUSE = "  - {{id: p, type: io.kestra.plugin.core.flow.Pause, pauseDuration: PT0.01S, behavior: {behavior}}}\n"


@pytest.mark.parametrize(
    ("behavior", "state", "words"), [("null", "SUCCESS", ""), ("\"{{ 'no such' }}\"", "FAILED", "'no such'")]
)
def test_a_pause_without_a_behavior_it_knows(tmp_path: Path, behavior: str, state: str, words: str) -> None:
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(PAUSE.format(behavior=behavior)))
        assert ended.state == state
        assert words in "".join(running.messages(ended.id))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(value=harmed())
def test_null_at_any_place_of_a_flow_is_no_error_of_the_server(whole: Whole, value: object) -> None:
    save(whole.server, value)
    assert_sound(whole.server)


def test_null_at_every_place_of_a_flow_harms_neither_the_service_nor_its_next_start(whole: Whole) -> None:
    for number, place in enumerate([(), *places(WHOLE)]):
        value = nulled(WHOLE, place)
        save(whole.server, {**value, "id": f"whole-{number}"} if isinstance(value, dict) and value["id"] else value)
    assert_sound(whole.server)
    whole.works()
    whole.again()
    whole.works()


def assert_sound(server: Server) -> None:
    """The server takes and starts a flow as if nothing had been."""
    source = "id: sound\nnamespace: sound\ntasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: m}\n"
    server.post("/flows", content=source, headers=YAML)
    assert server.get("/flows/sound/sound?source=true").json()["source"] == source
    assert server.post("/executions/sound/sound").status_code == 200
