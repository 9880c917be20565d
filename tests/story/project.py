"""A workspace on disk and the real flowctl, as a user has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command line ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Project:
    """A workspace with the bundled server, on a port of its own."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> Project:
        """A new directory that is no workspace yet."""
        root.mkdir(parents=True, exist_ok=True)
        return cls(root)

    def flowctl(self, *arguments: str, code: int = 0, **environ: str) -> Outcome:
        """Run flowctl, and assert its exit code."""
        result = subprocess.run(
            [sys.executable, "-m", "flowctl", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1", **environ},
            check=False,
        )
        assert "Traceback" not in result.stderr, result.stderr
        assert result.returncode == code, f"flowctl {' '.join(arguments)}\n{result.stdout}\n{result.stderr}"
        return Outcome(result.returncode, result.stdout, result.stderr)

    def write(self, path: str, text: str) -> None:
        """Write a file of the workspace."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def plan(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The plan as JSON."""
        found = json.loads(self.flowctl("plan", *arguments, "--json", code=code).out)
        assert isinstance(found, dict)
        return found

    def apply(self, *arguments: str, code: int = 0) -> Outcome:
        """Apply without asking."""
        return self.flowctl("apply", *arguments, "--auto-approve", code=code)

    def server(self) -> Server:
        """The running bundled server, as somebody who does not use flowctl would reach it."""
        record = json.loads((self.root / ".flowctl/server.json").read_text())
        return Server(record["url"], Path(record["token_file"]).read_text().strip())

    def close(self) -> None:
        """End the server."""
        self.flowctl("server", "stop")


@dataclass(frozen=True, slots=True)
class Server:
    """The bundled server, without flowctl's own client."""

    url: str
    token: str

    def request(self, method: str, path: str, source: str | None = None) -> Any:
        """One request; the answer's JSON, or None.

        The answer of a request is whatever JSON the server has for it.
        """
        import httpx

        answer = httpx.request(
            method,
            f"{self.url}/api/v1/main{path}",
            content=source,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-yaml"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None
