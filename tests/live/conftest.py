"""The server that the story is told on: the one of `FLOWCTL_LIVE_SERVER`, else a bundled one started for it.

`FLOWCTL_LIVE_TOKEN`, or `FLOWCTL_LIVE_USERNAME` and `FLOWCTL_LIVE_PASSWORD`, let it in. All happens in namespaces
made up for the run, and is deleted at the end.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.story.project import Project

TOKEN = "token-of-the-live-test"
COMMAND = [sys.executable, "-m", "flowctl", "server", "run", "--port", "0", "--dialect", "2.0"]


@dataclass(frozen=True, slots=True)
class Live:
    """A workspace whose environments `staging` and `production` are on the server."""

    project: Project
    url: str
    auth: dict[str, str]
    prefix: str

    def request(self, method: str, path: str, source: str | None = None) -> httpx.Response:
        """A request of somebody who does not use flowctl."""
        headers = {"Content-Type": "application/x-yaml"}
        basic = None
        if "FLOWCTL_LIVE_TOKEN" in self.auth:
            headers["Authorization"] = f"Bearer {self.auth['FLOWCTL_LIVE_TOKEN']}"
        else:
            basic = (self.auth["FLOWCTL_LIVE_USERNAME"], self.auth["FLOWCTL_LIVE_PASSWORD"])
        return httpx.request(
            method, f"{self.url}/api/v1/main{path}", content=source, headers=headers, auth=basic, timeout=60
        )


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    url = os.environ.get("FLOWCTL_LIVE_SERVER")
    names = ("FLOWCTL_LIVE_TOKEN", "FLOWCTL_LIVE_USERNAME", "FLOWCTL_LIVE_PASSWORD")
    if url:
        yield _workspace(tmp_path, url.rstrip("/"), {name: os.environ[name] for name in names if name in os.environ})
        return
    server = subprocess.Popen(
        [*COMMAND, "--data", str(tmp_path / "data")],
        env={**os.environ, "FLOWCTL_SERVER_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _workspace(tmp_path, _address(server), {"FLOWCTL_LIVE_TOKEN": TOKEN})
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _address(server: subprocess.Popen[str]) -> str:
    """What the server says once it listens."""
    assert server.stderr is not None
    for line in server.stderr:
        found = re.search(r"listening on (\S+)", line)
        if found:
            return found[1]
    raise AssertionError("the server ended while it was starting")


def _workspace(folder: Path, url: str, auth: dict[str, str]) -> Live:
    project, prefix = Project.create(folder / "project"), f"live-{secrets.token_hex(4)}"
    way = "token_env: FLOWCTL_LIVE_TOKEN"
    if "FLOWCTL_LIVE_TOKEN" not in auth:
        way = "username_env: FLOWCTL_LIVE_USERNAME, password_env: FLOWCTL_LIVE_PASSWORD"
    for name, more in (("staging", ""), ("production", "promotes_from: staging\n")):
        text = f"server: {url}\nauth: {{{way}}}\nnamespace: {prefix}.{name}\n{more}"
        project.write(f"environments/{name}.yaml", text)
        (project.root / "flows" / name).mkdir(parents=True)
    return Live(project, url, auth, prefix)
