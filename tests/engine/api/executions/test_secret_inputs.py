"""SECRET inputs over HTTP: hidden in every answer and line, also by a process that has not seen them before."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.assembling import assemble
from tests.engine.api.server import Server, running

KEY = "company.team"
FLOW = f"""\
id: f
namespace: {KEY}
inputs:
  - {{id: plain, type: SECRET}}
  - {{id: deep.er, type: SECRET, defaults: secret-by-default}}
  - {{id: list, type: ARRAY, itemType: SECRET, defaults: [secret-in-a-list]}}
  - {{id: form, type: FORM, inputs: [{{id: child, type: SECRET, defaults: secret-in-a-form}}]}}
tasks:
  - id: hold
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{{id: more, type: SECRET}}]
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1]
    outputs: [{{id: o, type: STRING, value: "{{{{ outputs.r.value }}}}"}}]
    tasks:
      - {{id: r, type: io.kestra.plugin.core.debug.Return, format: "{{{{ inputs }}}} {{{{ outputs.hold }}}}"}}
      - {{id: show, type: io.kestra.plugin.core.log.Log, message: "{{{{ inputs }}}} {{{{ outputs.hold }}}}"}}
"""


@contextmanager
def serving(directory: Path):  # type: ignore[no-untyped-def]
    """A server with its executor, which hides what it knows to be secret."""
    with running(directory, "2.0") as server:
        executor = assemble(server.store, directory, "2.0", environ={})
        context = server.app.state.context
        context.parts[PART], context.conceal = executor, executor.services.masker.mask_json
        executor.start()
        try:
            yield server
        finally:
            executor.close()


def all_told(server: Server, id_: str) -> str:
    """Everything that can be read about an execution and its iterations."""
    rows = server.get("/executions/search", params={"filters[kind][EQUALS]": "LOOP"}).json()["results"]
    paths = ["/executions/search", "/executions/search?filters[kind][EQUALS]=LOOP", f"/executions/{id_}/follow"]
    for one in (id_, *(str(row["id"]) for row in rows)):
        paths += [f"/executions/{one}", f"/logs/{one}", f"/outputs/executions/{one}"]
        runs = server.get(f"/executions/{one}").json().get("taskRunList") or []
        paths += [f"/outputs/{one}/{run['id']}" for run in runs]
    answers = [server.get(path) for path in paths]
    assert all(answer.status_code == 200 for answer in answers), [(a.url, a.status_code) for a in answers]
    return "\n".join(answer.text for answer in answers)


def test_secret_inputs_are_told_by_no_process(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.save(FLOW)
        started = server.post(f"/executions/{KEY}/f", files={"plain": (None, "secret-as-given")})
        id_ = started.json()["id"]
        executor = server.app.state.context.parts[PART]
        from tests.engine.running import Engine

        engine = Engine(server.store, executor)
        engine.wait_state(id_, "PAUSED")
        answer = server.post(f"/executions/{id_}/actions/resume", files={"more": (None, "secret-at-resume")})
        assert "secret-" not in started.text + answer.text
        assert engine.wait(id_).state == "SUCCESS"
        told = all_told(server, id_)
        assert "secret-" not in told
        assert told.count("******") > 10
    with serving(tmp_path) as server:
        assert "secret-" not in all_told(server, id_)


@pytest.mark.parametrize(
    ("kind", "status", "value"),
    [("FILE", 200, "/b c.txt"), ("STRING", 200, "/b c.txt"), ("INT", 422, 'For input string: "kestra://')],
)
def test_a_file_is_an_address_for_every_input(tmp_path: Path, kind: str, status: int, value: str) -> None:
    with serving(tmp_path) as server:
        inputs = f"inputs: [{{id: a, type: {kind}}}]\n"
        server.save(
            f"id: f\nnamespace: {KEY}\n{inputs}tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: x}}]\n"
        )
        sent = {"a": ("../../b c.txt", b"x")}
        checked = server.post(f"/executions/{KEY}/f/validate", files=sent)
        assert "Upload" not in checked.text
        answer = server.post(f"/executions/{KEY}/f", files=sent)
        assert answer.status_code == status, answer.text
        if status == 200:
            body = answer.json()
            address = f"kestra:///company/team/f/executions/{body['id']}/inputs/a{value.replace(' ', '%20')}"
            assert body["inputs"]["a"] == address
        else:
            assert value in answer.json()["detail"]


@pytest.mark.parametrize("text", ["notes.txt", "http://example.com/notes.txt", "/etc/passwd"])
def test_a_text_is_no_file(tmp_path: Path, text: str) -> None:
    with serving(tmp_path) as server:
        server.save(
            f"id: f\nnamespace: {KEY}\ninputs: [{{id: a, type: FILE}}]\n"
            "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]\n"
        )
        answer = server.post(f"/executions/{KEY}/f", files={"a": (None, text)})
        assert answer.status_code == 422
        assert f"but received `{text}`" in answer.json()["detail"]


OUTPUT = f"""\
id: child
namespace: {KEY}
tasks:
  - {{id: hello, type: io.kestra.plugin.core.log.Log, message: hello}}
outputs:
  - {{id: token, type: SECRET, value: "token-of-the-child"}}
  - {{id: plain, type: STRING, value: "seen"}}
"""
PARENT = f"""\
id: parent
namespace: {KEY}
tasks:
  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {KEY}, flowId: child}}
  - {{id: show, type: io.kestra.plugin.core.log.Log, message: "got {{{{ outputs.call.outputs.token }}}}"}}
"""


def test_secret_outputs_are_hidden_in_the_flow_and_in_its_caller_also_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.save(OUTPUT)
        server.save(PARENT)
        answer = server.post(f"/executions/{KEY}/parent?wait=true").json()
        assert answer["state"]["current"] == "SUCCESS"
        told = all_told(server, answer["id"])
        assert "token-of-the-child" not in told
        assert "got ******" in told
        assert "seen" in told
        child = server.post(f"/executions/{KEY}/child?wait=true").json()
        assert child["outputs"] == {"token": "******", "plain": "seen"}
    with serving(tmp_path) as server:
        assert server.get(f"/executions/{child['id']}").json()["outputs"] == {"token": "******", "plain": "seen"}
