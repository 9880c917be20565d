"""What a server tells beside the objects: calls, executions that run, names of secrets; None where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.keys import FlowKey
from tests.remote.loopback import running

CHILD = "id: child\nnamespace: dev\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: x\n"
CALLER = (
    "id: caller\nnamespace: other\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.flow.Subflow\n"
    "    namespace: dev\n    flowId: child\n"
)


def test_own_servers_tell_and_plain_ones_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
        plain = found.connect(found.environment(plain=True), plain=True).read_state(found.environment(plain=True))
        assert (plain.calls, plain.executions, plain.secrets, plain.plugins) == (None, None, None, None)
