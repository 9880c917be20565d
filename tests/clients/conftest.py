"""The bundled server as a process of its own, and Kestra's own Python client in front of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.server import TOKEN, server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the client's own models shadow names of their base class
    from kestrapy import KestraClient

    from tests.clients.talking import FLOWS, MAIN, TRIGGERS, source


@pytest.fixture(scope="module")
def dialect() -> str:
    """The dialect that the server speaks."""
    return "2.0"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, dialect: str) -> Iterator[KestraClient]:
    """A client of a server that is empty at the start of a module."""
    directory: Path = tmp_path_factory.mktemp("server")
    with server(directory, dialect) as (port, _):
        found = KestraClient(host=f"http://127.0.0.1:{port}", token=TOKEN, timeout=20)
        yield found
        found.close()


@pytest.fixture(scope="module")
def filled(client: KestraClient) -> KestraClient:
    """A server with four flows and one execution of each."""
    for name, namespace, team in FLOWS:
        text = source(name, namespace, extra=TRIGGERS if name in ("one", "four") else "")
        client.flows.create_flow(MAIN, text.replace("team: data", f"team: '{team}'"))
        client.executions.create_execution(MAIN, namespace, name, wait=True)
    return client
