"""A secret that comes in by every way there is, looked for in every byte that the server leaves and every answer."""

from __future__ import annotations

import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowctl.engine.backup import backup, restore
from flowctl.model.environment import Dialect
from tests.faults.campaign.processes import until
from tests.remote.loopback import TOKEN, running

MARK = "plan7ed"
NASTY = f'{MARK}-"quo\'ted" \\ \u00fcn\u00ef {{}}\n{MARK}-second line\n{MARK} <&>'
NS = "company.team"
CORE = "io.kestra.plugin.core"
DEADLINE = 60.0
READ = "{{ secret('STORED') | upper }}"
CHILD = f"""\
id: child
namespace: {NS}
inputs:
  - {{id: token, type: SECRET}}
  - {{id: more.deep, type: SECRET, defaults: "{{{{ secret('STORED') }}}}"}}
  - {{id: list, type: ARRAY, itemType: SECRET, defaults: ["{{{{ secret('STORED') }}}}"]}}
  - {{id: form, type: FORM, inputs: [{{id: inner, type: SECRET, defaults: "{{{{ secret('STORED') }}}}"}}]}}
tasks:
  - {{id: say, type: {CORE}.log.Log, message: "{{{{ inputs }}}} {{{{ inputs.token }}}}"}}
  - {{id: make, type: {CORE}.debug.Return, format: "made of {{{{ inputs.token }}}}"}}
outputs:
  - {{id: token, type: SECRET, value: "{{{{ inputs.token }}}}"}}
  - {{id: short, type: SECRET, value: "q"}}
  - {{id: made, type: STRING, value: "{{{{ outputs.make.value }}}}"}}
"""
PLAIN = f"""\
id: plain
namespace: {NS}
inputs: [{{id: word, type: STRING}}]
tasks:
  - {{id: say, type: {CORE}.log.Log, message: "{{{{ inputs.word }}}}"}}
  - {{id: make, type: {CORE}.debug.Return, format: "{{{{ inputs.word }}}}"}}
outputs: [{{id: word, type: STRING, value: "{{{{ inputs.word }}}}"}}]
"""
PARENT = """\
id: parent
namespace: NS
inputs: [{id: token, type: SECRET}]
labels: {kept: "yes"}
tasks:
  - {id: call, type: CORE.flow.Subflow, namespace: NS, flowId: child, inputs: {token: "{{ inputs.token }}"}}
  - {id: told, type: CORE.flow.Subflow, namespace: NS, flowId: plain, inputs: {word: "{{ inputs.token }}"},
     labels: {given: "x {{ inputs.token }}"}}
  - {id: ask, type: CORE.http.Request, uri: "URL", encryptBody: true}
  - {id: read, type: CORE.debug.Return, format: "{{ outputs.ask.encryptedBody | length }}"}
  - {id: cached, type: CORE.debug.Return, format: "{{ inputs.token }}", taskCache: {enabled: true}}
  - {id: hold, type: CORE.flow.Pause, onResume: [{id: more, type: SECRET}]}
  - {id: use, type: CORE.debug.Return, format: "{{ outputs.call.outputs.token }} {{ outputs.hold.onResume.more }}"}
  - {id: measure, type: CORE.metric.Publish, metrics: [
      {name: m, type: counter, value: 1, tags: {t: "{{ inputs.token }}"}}]}
  - {id: label, type: CORE.execution.Labels, labels: {found: "{{ inputs.token }}", by: name}}
  - {id: keep, type: CORE.execution.SetVariables, variables: {v: "{{ inputs.token }}"}}
  - id: each
    type: CORE.flow.ForEach
    values: ["{{ inputs.token }}"]
    tasks: [{id: one, type: CORE.debug.Return, format: "{{ taskrun.value }}"}]
  - id: loop
    type: CORE.flow.Loop
    values: ["{{ inputs.token }}"]
    outputs: [{id: o, type: SECRET, value: "{{ outputs.turn.value }}"}]
    tasks: [{id: turn, type: CORE.debug.Return, format: "{{ item.value }}"}]
  - id: filed
    type: CORE.flow.Loop
    values: ["a"]
    fetchType: STORE
    outputs: [{id: o, type: SECRET, value: "{{ inputs.token }}"}]
    tasks: [{id: filing, type: CORE.debug.Return, format: "x"}]
""".replace("NS", NS).replace("CORE", CORE)
AFTER = f"""\
id: after
namespace: {NS}
tasks: [{{id: make, type: {CORE}.debug.Return, format: "{{{{ trigger.outputs.token }}}}"}}]
triggers:
  - id: ended
    type: {CORE}.trigger.Flow
    preconditions:
      id: p
      flows: [{{namespace: {NS}, flowId: child, states: [SUCCESS]}}]
"""
BOTH = f"""\
id: both
namespace: {NS}
tasks: [{{id: make, type: {CORE}.debug.Return, format: "{{{{ trigger.outputs }}}}"}}]
triggers:
  - id: ended
    type: {CORE}.trigger.Flow
    preconditions:
      id: p
      flows:
        - {{namespace: {NS}, flowId: child, states: [SUCCESS]}}
        - {{namespace: {NS}, flowId: never, states: [SUCCESS]}}
"""
HOOK = f"""\
id: hook
namespace: {NS}
inputs: [{{id: token, type: SECRET}}]
tasks: [{{id: make, type: {CORE}.debug.Return, format: "{{{{ inputs.token }}}} {{{{ trigger.body.token }}}}"}}]
triggers:
  - {{id: hook, type: {CORE}.trigger.Webhook, key: abcdef123456, inputs: {{token: "{{{{ trigger.body.token }}}}"}}}}
"""
DAILY = f"""\
id: daily
namespace: {NS}
inputs: [{{id: token, type: SECRET, defaults: "{{{{ secret('STORED') }}}}"}}, {{id: word, type: STRING, defaults: w}}]
tasks: [{{id: make, type: {CORE}.debug.Return, format: "{{{{ inputs.token }}}}"}}]
triggers: [{{id: daily, type: {CORE}.trigger.Schedule, cron: "0 4 * * *"}}]
"""
FAILING = f"""\
id: failing
namespace: {NS}
inputs: [{{id: token, type: SECRET}}]
tasks:
  - {{id: make, type: {CORE}.debug.Return, format: "{{{{ inputs.token }}}}"}}
  - {{id: stop, type: {CORE}.execution.Fail, errorMessage: "{{{{ inputs.token }}}}"}}
"""
TRIGGER = {"namespace": NS, "flowId": "daily", "triggerId": "daily"}
FLOWS = (CHILD, PLAIN, PARENT, AFTER, BOTH, HOOK, DAILY, FAILING)


class Teller(BaseHTTPRequestHandler):
    """Answers with something secret."""

    def do_GET(self) -> None:
        data = NASTY.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
        """Say nothing."""


@pytest.fixture
def teller() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Teller)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Client:
    """Requests to a server, each answer kept to be searched."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/api/v1/main", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
        )
        self.told: list[tuple[str, str]] = []

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._http.request(method, path, **more)
        self.told.append((f"{method} {path}", answer.text))
        assert answer.status_code < 400, (path, answer.text)
        return answer

    def close(self) -> None:
        self._http.close()

    def save(self, source: str) -> None:
        self.ask("POST", "/flows", content=source, headers={"Content-Type": "application/x-yaml"})

    def run(self, flow: str, state: str = "SUCCESS", **inputs: str) -> str:
        files = {name: (None, value) for name, value in inputs.items()}
        id_ = str(self.ask("POST", f"/executions/{NS}/{flow}", files=files).json()["id"])
        self.wait(id_, state)
        return id_

    def state(self, id_: str) -> str:
        return str(self.ask("GET", f"/executions/{id_}").json()["state"]["current"])

    def wait(self, id_: str, state: str) -> None:
        assert until(lambda: self.state(id_) == state, DEADLINE), (state, self.ask("GET", f"/executions/{id_}").text)

    def of_flow(self, flow: str) -> list[str]:
        rows = self.ask("GET", f"/executions/search?filters[flowId][EQUALS]={flow}&size=100").json()["results"]
        return [str(row["id"]) for row in rows]

    def look_everywhere(self) -> list[str]:
        """Ask everything that can be asked of all executions. Returns their ids."""
        loops = self.ask("GET", "/executions/search?filters[kind][EQUALS]=LOOP&size=100").json()["results"]
        ids = [str(row["id"]) for row in loops]
        ids += [str(row["id"]) for row in self.ask("GET", "/executions/search?size=100").json()["results"]]
        for id_ in ids:
            whole = self.ask("GET", f"/executions/{id_}").json()
            for path in ("graph", "flow"):
                self.ask("GET", f"/executions/{id_}/{path}")
            for path in (f"/logs/{id_}", f"/logs/{id_}/download", f"/metrics/{id_}", f"/outputs/executions/{id_}"):
                self.ask("GET", path)
            for run in whole.get("taskRunList") or []:
                self.ask("GET", f"/outputs/{id_}/{run['id']}")
            if whole["state"]["current"] in ("SUCCESS", "FAILED"):
                self.ask("GET", f"/executions/{id_}/follow")
            for text in ("{{ inputs.token | upper }}", "{{ outputs | upper }}", "{{ trigger | upper }}", READ):
                self.ask("POST", f"/executions/{id_}/actions/eval", content=text)
        self.ask("GET", "/triggers/search")
        self.ask("GET", "/logs/search?size=100")
        return ids


@contextmanager
def client(directory: Path, dialect: Dialect = "lenient") -> Iterator[Client]:
    with running(directory, dialect, works=True) as server:
        made = Client(server.url)
        try:
            yield made
        finally:
            made.close()


def found_in(directory: Path) -> list[str]:
    """The files that hold the mark, in clear or as upper case."""
    marks = (MARK.encode(), MARK.upper().encode())
    return [str(path) for path in directory.rglob("*") if path.is_file() and any(m in path.read_bytes() for m in marks)]


def clean(one: Client) -> None:
    leaks = [(what, text) for what, text in one.told if MARK in text.lower()]
    assert leaks == []


def fill(one: Client, url: str) -> None:
    """Have a secret come in by every way."""
    one.ask("PUT", f"/namespaces/{NS}/secrets", json={"key": "STORED", "value": f"{MARK}-stored"})
    for source in FLOWS:
        one.save(source.replace("URL", url))
    id_ = one.run("parent", "PAUSED", token=NASTY)
    one.ask("POST", f"/executions/{id_}/actions/resume", files={"more": (None, f"{MARK}-at-resume")})
    one.wait(id_, "SUCCESS")
    one.run("plain", word="nothing")
    one.ask("POST", f"/executions/webhook/{NS}/hook/abcdef123456", json={"token": f"{MARK}-by-webhook"})
    one.ask(
        "POST",
        f"/executions/{NS}/hook?scheduleDate=2099-01-01T00:00:00Z",
        files={"token": (None, f"{MARK}-for-later")},
    )
    failed = one.run("failing", "FAILED", token=f"{MARK}-failing")
    one.ask("POST", f"/executions/{failed}/actions/restart")
    one.wait(failed, "FAILED")
    again = one.ask("POST", f"/executions/{failed}/actions/replay").json()["id"]
    one.wait(again, "FAILED")
    assert until(lambda: bool(one.of_flow("after")), DEADLINE)
    backfills(one)


def holds_backfill(one: Client) -> bool:
    return "backfill" in one.ask("GET", f"/triggers/{NS}/daily").json()["results"][0]


def backfills(one: Client) -> None:
    """One that is over, and one that is held."""
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T12:00:00Z"}
    inputs = {"token": f"{MARK}-by-backfill", "word": "seen"}
    answer = one.ask("PUT", "/triggers/backfill/create", json={**TRIGGER, "backfill": {**span, "inputs": inputs}})
    assert answer.json()["backfill"]["inputs"] == {"token": "******", "word": "seen"}
    assert until(lambda: not holds_backfill(one), DEADLINE)
    far = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-06T00:00:00Z"}
    one.ask("PUT", "/triggers/backfill/create", json={**TRIGGER, "backfill": {**far, "inputs": inputs}})
    one.ask("PUT", "/triggers/backfill/pause", json=TRIGGER)


def test_a_secret_stands_nowhere_in_clear(tmp_path: Path, teller: str) -> None:
    with client(tmp_path) as one:
        fill(one, teller)
        one.look_everywhere()
        clean(one)
        assert found_in(tmp_path) == []
    assert found_in(tmp_path) == []


def test_a_secret_stays_hidden_after_a_restart_a_rotation_and_from_a_backup(tmp_path: Path, teller: str) -> None:
    with client(tmp_path / "a") as one:
        fill(one, teller)
        backup(tmp_path / "a" / "data", tmp_path / "copy.tar.gz")
        one.ask("POST", "/../flowctl/secrets/rotate")
    with tarfile.open(tmp_path / "copy.tar.gz") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    restore(tmp_path / "copy.tar.gz", tmp_path / "b" / "data")
    for directory in (tmp_path / "a", tmp_path / "b"):
        with client(directory) as one:
            ids = one.look_everywhere()
            assert len(ids) > 12
            clean(one)
            parent = one.of_flow("parent")[0]
            again = one.ask("POST", f"/executions/{parent}/actions/replay").json()["id"]
            one.wait(again, "PAUSED")
            one.ask("PUT", "/triggers/backfill/unpause", json=TRIGGER)
            assert until(lambda: not holds_backfill(one), DEADLINE)
            assert len(one.of_flow("daily")) == 7
            one.look_everywhere()
            clean(one)
    assert found_in(tmp_path) == []


def test_a_replay_of_a_sealed_execution_has_its_secrets(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        one.save(FAILING.replace("execution.Fail", "log.Log").replace("errorMessage", "message"))
        first = one.run("failing", token=NASTY)
    with client(tmp_path) as one:
        second = one.ask("POST", f"/executions/{first}/actions/replay").json()["id"]
        one.wait(second, "SUCCESS")
        clean(one)
        lines = one.ask("GET", f"/logs/{second}").json()
        assert [line["message"] for line in lines if line.get("taskId") == "stop"] == ["******"]
