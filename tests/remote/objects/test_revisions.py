"""The texts that a server keeps of a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from flowctl.errors import ServerRefused
from flowctl.model.keys import FlowKey
from flowctl.remote.client import HttpServer
from tests.remote.loopback import TOKEN, running

Save = Callable[..., None]
KEY = FlowKey("dev", "f")
TEXT = "id: f\nnamespace: dev\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: %s}\n"


@pytest.fixture(params=[False, True], ids=["bundled", "kestra"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[HttpServer, Save]]:
    """A client, and what saves a draft behind its back."""
    with running(tmp_path, dialect="2.0") as found, closing(found.connect(plain=request.param)) as client:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-yaml"}

        def draft(message: str, *, new: bool = False) -> None:
            path, method = ("/flows", "POST") if new else ("/flows/dev/f", "PUT")
            url = f"{found.url}/api/v1/main{path}?draft=true"
            assert httpx.request(method, url, content=TEXT % message, headers=headers).status_code == 200

        yield client, draft


def test_drafts_are_no_texts_of_a_deployed_flow(server: tuple[HttpServer, Save]) -> None:
    client, draft = server
    client.create_flow(KEY, TEXT % "one")
    draft("draft")
    client.update_flow(KEY, TEXT % "two")
    draft("later")
    found = client.read_revisions(KEY)
    assert [(one.revision, one.source) for one in found] == [(1, TEXT % "one"), (3, TEXT % "two")]


def test_what_a_draft_stands_before_is_what_is_deployed(server: tuple[HttpServer, Save]) -> None:
    client, draft = server
    draft("first", new=True)
    assert client.read_flow(KEY) is None
    client.update_flow(KEY, TEXT % "two")
    draft("later")
    found = client.read_flow(KEY)
    assert found is not None
    assert (found.revision, found.source) == (2, TEXT % "two")


def test_a_flow_is_created_over_a_draft_of_it(server: tuple[HttpServer, Save]) -> None:
    client, draft = server
    draft("first", new=True)
    assert client.create_flow(KEY, TEXT % "mine").revision == 2
    found = client.read_flow(KEY)
    assert found is not None
    assert found.source == TEXT % "mine"
    draft("later")
    with pytest.raises(ServerRefused):
        client.create_flow(KEY, TEXT % "another")
