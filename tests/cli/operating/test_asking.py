"""Which inputs a flow or a pause asks for."""

from __future__ import annotations

from typing import Any

import pytest

from flowctl.cli.operating.asking import declared, not_asked_by_flow, not_asked_by_pause
from flowctl.errors import ServerRefused
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey

PAUSE = {
    "id": "p",
    "type": "io.kestra.plugin.core.flow.Pause",
    "onResume": [{"id": "why", "type": "STRING"}, {"id": "box", "type": "FORM", "inputs": [{"id": "name"}]}],
}
FLOW = {
    "id": "f",
    "inputs": [{"id": "a.b"}],
    "tasks": [
        {"id": "s", "type": "io.kestra.plugin.core.flow.Sequential", "tasks": [PAUSE]},
        {"id": "ask", "type": "io.kestra.plugin.core.flow.Approval", "inputs": [{"id": "ok"}]},
    ],
}


class Answered:
    """An answer with a body."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    def mapping(self) -> dict[str, Any]:
        return self.body


class Server:
    """Shows a flow, or refuses to."""

    def __init__(self, shown: bool = True) -> None:
        self.shown, self.asked = shown, [("", "", [])]

    def ask(self, method: str, path: str, query: Any = ()) -> Answered:
        self.asked.append((method, path, list(query)))
        if not self.shown:
            raise ServerRefused(Diagnostic("S202", "error", "no", "", ""), status=403)
        return Answered(FLOW)


def paused(task: str, state: str = "PAUSED") -> dict[str, Any]:
    run = {"taskId": task, "state": {"current": state}}
    return {"namespace": "dev", "flowId": "f", "flowRevision": 3, "taskRunList": [run]}


def test_names_are_those_of_the_command_line() -> None:
    assert declared(PAUSE["onResume"]) == ("why", "box.name")
    assert declared(None) == declared([None, "x", {}]) == ()


def test_what_a_flow_has_no_declaration_for_is_named() -> None:
    server: Any = Server()
    assert not_asked_by_flow(server, FlowKey("dev", "f"), ["a.b"]) is None
    assert not_asked_by_flow(server, FlowKey("dev", "f"), ["ab"]) == "Note: dev/f took no input ab; its inputs are a.b."


@pytest.mark.parametrize(
    ("task", "given", "said"),
    [
        ("p", ["why", "box.name"], None),
        ("p", ["wy"], "Note: task p of dev/f took no input wy; its inputs are why, box.name."),
        ("ask", ["why"], "Note: task ask of dev/f took no input why; its inputs are ok."),
        ("s", ["why"], None),
    ],
)
def test_what_a_pause_does_not_ask_for_is_named(task: str, given: list[str], said: str | None) -> None:
    server: Any = Server()
    assert not_asked_by_pause(server, paused(task), given) == said
    assert server.asked[-1] == ("GET", "/flows/dev/f", [("revision", "3")])


def test_nothing_is_said_or_asked_without_inputs_or_a_pause_nor_when_the_flow_is_not_shown() -> None:
    server: Any = Server()
    assert not_asked_by_flow(server, FlowKey("dev", "f"), []) is None
    assert not_asked_by_pause(server, paused("p"), []) is None
    assert not_asked_by_pause(server, paused("p", "RUNNING"), ["x"]) is None
    assert len(server.asked) == 1
    hidden: Any = Server(shown=False)
    assert not_asked_by_flow(hidden, FlowKey("dev", "f"), ["x"]) is None
