"""Servers that keep no secrets which flowctl could change."""

from __future__ import annotations

from typing import Any

import pytest

from flowctl.cli.operating.keeping import kept_there, read_only
from flowctl.errors import FlowctlError, ServerRefused
from flowctl.model.diagnostic import Diagnostic


def refusal(status: int) -> ServerRefused:
    return ServerRefused(Diagnostic("S203", "error", "no", "PUT /x answered", ""), status=status)


class Listed:
    """The answer of a listing."""

    def __init__(self, read_only: bool) -> None:
        self.read_only = read_only

    def mapping(self) -> dict[str, object]:
        return {"readOnly": self.read_only, "results": []}


class Server:
    """Lists its secrets as told; None: there is no such listing."""

    class environment:  # as the attribute of the real one
        name = "production"

    def __init__(self, read_only: bool | None) -> None:
        self.read_only = read_only

    def ask(self, method: str, path: str, query: object) -> Listed:
        if self.read_only is None:
            raise refusal(404)
        return Listed(self.read_only)


@pytest.mark.parametrize(("says", "expected"), [(True, True), (False, False), (None, True)])
def test_whether_secrets_can_be_changed(says: bool | None, expected: bool) -> None:
    server: Any = Server(says)
    assert read_only(server) is expected


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_the_route_is_named_with_the_way_that_is_left(status: int) -> None:
    server: Any = Server(True)
    with pytest.raises(FlowctlError, match="the server of production lets nobody") as raised, kept_there(server):
        raise refusal(status)
    found = raised.value.diagnostics[0]
    assert (found.code, "SECRET_NAME" in str(found.hint)) == ("C133", True)


def test_what_means_something_else_is_left_alone() -> None:
    server: Any = Server(False)
    with pytest.raises(ServerRefused), kept_there(server, unless=lambda: not read_only(server)):
        raise refusal(404)
    with pytest.raises(ServerRefused), kept_there(server):
        raise refusal(403)
