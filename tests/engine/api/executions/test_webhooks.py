"""Webhooks and triggers over HTTP, with the real executor in process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.api.executions.calling import KEY, Api, api_of
from tests.engine.api.server import Server

HOOK = (
    f"id: f\nnamespace: {KEY}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.debug.Return\n"
    "    format: \"{{ trigger.body.a ?? trigger.body ?? 'nothing' }} {{ trigger.parameters.age ?? '' }}\"\n"
    "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: secret-key\n"
)
PATH = f"/executions/webhook/{KEY}/f/secret-key"
SCHEDULE = (
    f"id: s\nnamespace: {KEY}\ntasks:\n  - {{id: l, type: io.kestra.plugin.core.log.Log, message: x}}\n"
    "triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: '0 3 * * *'\n"
)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    yield from api_of(tmp_path, "2.0")


def test_waiting_ends_with_the_client(api: Api) -> None:
    hold = "tasks:\n  - {id: hold, type: io.kestra.plugin.core.flow.Pause}\n"
    api.server.save(HOOK.replace("tasks:\n", hold) + "    wait: true\n")
    sent: list[object] = []

    async def ask() -> None:
        coming = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

        async def receive() -> object:
            return coming.pop(0)

        async def send(message: object) -> None:
            sent.append(message)

        path = "/api/v1/main" + PATH
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
        async with asyncio.timeout(20):
            await api.server.app(scope | {"headers": [], "root_path": ""}, receive, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert sent
    (row,) = api.server.get("/executions/search").json()["results"]
    assert api.engine.wait_state(row["id"], "PAUSED").state == "PAUSED"


def said(api: Api, execution_id: str) -> object:
    ended = api.engine.wait(execution_id)
    return next(iter(ended.runs.values())).outputs["value"]


@pytest.mark.parametrize(
    ("method", "content", "query", "result"),
    [
        ("POST", b'{"a": 7}', "", "7 "),
        ("PUT", b"plain text", "", "plain text "),
        ("GET", b"", "?age=12&age=13", 'nothing ["12","13"]'),
        ("POST", b'[1, 2]', "", "[1,2] "),
        ("POST", b'{"broken', "", '{"broken '),
    ],
)  # fmt: skip
def test_whoever_knows_the_key_starts_the_flow(api: Api, method: str, content: bytes, query: str, result: str) -> None:
    api.server.save(HOOK)
    answer = api.server.ask(method, PATH + query, token=None, content=content)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"]["current"], body["trigger"]["id"], body["namespace"]) == ("CREATED", "hook", KEY)
    assert "taskRunList" not in body
    assert said(api, body["id"]) == result


def test_what_proves_the_caller_is_not_kept(api: Api) -> None:
    api.server.save(HOOK)
    headers = {"Authorization": "Bearer of-somebody", "Cookie": "a=b", "X-Mine": "kept"}
    answer = api.server.ask("POST", PATH, token=None, headers=headers)
    found = answer.json()["trigger"]["variables"]["headers"]
    assert (found["Authorization"], found["Cookie"], found["X-Mine"]) == (["******"], ["******"], ["kept"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/executions/webhook/{KEY}/f/wrong", 404),
        (f"/executions/webhook/{KEY}/nothing/secret-key", 404),
        ("/executions/webhook/other/f/secret-key", 404),
    ],
)  # fmt: skip
def test_a_wrong_address_is_404(api: Api, path: str, status: int) -> None:
    api.server.save(HOOK)
    assert api.server.ask("POST", path, token=None).status_code == status


def test_a_condition_that_is_false_is_204(api: Api) -> None:
    api.server.save(HOOK + "    when: \"{{ trigger.body == 'go' }}\"\n")
    assert api.server.ask("POST", PATH, token=None, content=b"stay").status_code == 204
    assert api.server.ask("POST", PATH, token=None, content=b"go").status_code == 200


def test_a_disabled_flow_is_409_and_a_disabled_trigger_404(api: Api) -> None:
    api.server.save(HOOK.replace("tasks:", "disabled: true\ntasks:"))
    assert api.server.ask("POST", PATH, token=None).status_code == 409
    api.server.update(KEY, "f", HOOK + "    disabled: true\n")
    assert api.server.ask("POST", PATH, token=None).status_code == 404


def test_waiting_answers_with_the_end(api: Api) -> None:
    api.server.save(HOOK + "    wait: true\n")
    assert api.server.ask("POST", PATH, token=None).json()["state"]["current"] == "SUCCESS"


def test_the_key_may_be_an_expression(api: Api) -> None:
    api.server.save(HOOK.replace("key: secret-key", "key: '{{ flow.id }}-key'"))
    assert api.server.ask("POST", f"/executions/webhook/{KEY}/f/f-key", token=None).status_code == 200


def trigger(server: Server) -> dict[str, object]:
    rows = server.get(f"/triggers/{KEY}/s").json()["results"]
    return dict(rows[0])


def name(**more: object) -> dict[str, object]:
    return {"namespace": KEY, "flowId": "s", "triggerId": "daily", **more}


def test_a_backfill_is_created_paused_and_deleted(api: Api) -> None:
    server = api.server
    server.save(SCHEDULE)
    before = trigger(server)["nextEvaluationDate"]
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-03T00:00:00Z"}
    assert server.put("/triggers/backfill/create", json=name(backfill=span)).status_code == 200
    assert trigger(server)["backfill"]["currentDate"] == "2026-01-01T03:00:00+00:00"  # type: ignore[index]
    assert server.put("/triggers/backfill/create", json=name(backfill=span)).status_code == 409
    assert server.put("/triggers/backfill/pause", json=name()).json()["backfill"]["paused"] is True
    assert server.put("/triggers/backfill/unpause", json=name()).json()["backfill"]["paused"] is False
    assert server.post("/triggers/backfill/delete", json=name()).status_code == 200
    assert (trigger(server)["nextEvaluationDate"], trigger(server).get("backfill")) == (before, None)
    assert server.put("/triggers/backfill/pause", json=name()).status_code == 409


@pytest.mark.parametrize(
    "backfill", [None, {"start": "yesterday"}, {"start": "2026-01-01T04:00:00Z", "end": "2026-01-01T05:00:00Z"}]
)
def test_a_backfill_that_cannot_be_is_422(api: Api, backfill: object) -> None:
    api.server.save(SCHEDULE)
    assert api.server.put("/triggers/backfill/create", json=name(backfill=backfill)).status_code == 422


def test_unlock_restart_and_delete(api: Api) -> None:
    server = api.server
    server.save(SCHEDULE)
    path = f"/triggers/{KEY}/s/daily"
    assert server.post(f"{path}/unlock").status_code == 409
    server.store.write(lambda c: c.execute("UPDATE triggers SET execution_id = 'x'")).result()
    assert trigger(server)["locked"] is True
    assert server.post(f"{path}/unlock").json()["locked"] is False
    assert server.post(f"{path}/restart").status_code == 200
    assert server.delete(path).status_code == 204
    assert server.delete(path).status_code == 404


def test_bulk_actions_pass_over_what_does_not_fit(api: Api) -> None:
    api.server.save(SCHEDULE)
    body = [name(), name(triggerId="nothing")]
    assert api.server.post("/triggers/unlock/by-triggers", json=body).json()["totalItems"] == 0
    query = f"?filters[namespace][EQUALS]={KEY}&disabled=true"
    assert api.server.post(f"/triggers/set-disabled/by-query{query}").json()["totalItems"] == 1
    assert trigger(api.server)["disabled"] is True


def test_metrics_are_what_prometheus_reads(api: Api) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    api.server.save(HOOK)
    api.engine.wait(str(api.start()["id"]))
    answer = api.server.get("/api/v1/flowctl/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    samples = {(s.name, *s.labels.values()): s.value for family in found.values() for s in family.samples}
    assert samples["flowctl_executions", "SUCCESS"] == 1
    assert samples["flowctl_task_seconds_count", "io.kestra.plugin.core.debug.Return"] == 1
    assert samples["flowctl_flows",] == 1
    assert samples["flowctl_store_commit_seconds_count",] >= 2
    assert samples["flowctl_queue_depth", "run"] == 0
    assert found["flowctl_schedule_lag_seconds"].type == "histogram"
    assert api.server.ask("GET", "/api/v1/flowctl/metrics", token=None).status_code == 401
