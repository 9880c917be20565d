"""What the commands that do something say to programs: one document, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.story.project import Project


def document(project: Project, *arguments: str, code: int = 0, given: str = "") -> dict[str, Any]:
    """What a command prints with `--json`, given a standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "flowctl", *arguments, "--json"],
        cwd=project.root, env={**os.environ, "NO_COLOR": "1"}, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict) and found.pop("format") == "1.0"
    return found


def test_init_names_what_it_created(project: Project) -> None:
    assert document(project, "init") == {
        "kind": "init",
        "environment": "dev",
        "server": "bundled",
        "created": ["environments/dev.yaml", "flows/dev/hello.yaml", ".gitignore"],
    }
    url = "https://kestra.example.com"
    found = document(project, "init", "production", "--server", url)
    assert (found["environment"], found["server"]) == ("production", url)
    assert all((project.root / path).is_file() for path in found["created"])
    again = document(project, "init", code=1)
    assert [one["code"] for one in again["diagnostics"]] == ["C111"]


def test_secrets_that_are_set_and_deleted_are_named_without_their_values(project: Project) -> None:
    project.flowctl("init")
    named = {"kind": "secret", "namespace": "dev", "key": "TOKEN"}
    assert document(project, "secrets", "set", "TOKEN", given="hunter2") == {**named, "change": "set"}
    assert document(project, "secrets", "rotate-key") == {"kind": "secrets-key", "environment": "dev", "sealed": 1}
    elsewhere = document(project, "secrets", "set", "OTHER", "-n", "dev.team", given="hunter3")
    assert elsewhere == {"kind": "secret", "namespace": "dev.team", "key": "OTHER", "change": "set"}
    assert document(project, "secrets", "delete", "TOKEN") == {**named, "change": "deleted"}
    missing = document(project, "secrets", "delete", "TOKEN", code=1)
    assert [one["code"] for one in missing["diagnostics"]] == ["C132"]


def test_the_server_in_the_background_says_where_it_is_and_how_it_ended(project: Project) -> None:
    project.flowctl("init")
    assert document(project, "server", "status", code=1) == {"kind": "server", "running": False}
    started = document(project, "server", "start")
    assert (started["kind"], started["running"], started["begun"]) == ("server", True, True)
    assert started["url"] == project.server().url
    again = document(project, "server", "start")
    assert again == {**started, "begun": False}
    assert document(project, "server", "status") == {name: one for name, one in started.items() if name != "begun"}
    assert document(project, "server", "stop") == {"kind": "server-stop", "ending": "stopped"}
    assert document(project, "server", "stop") == {"kind": "server-stop", "ending": "not_running"}


def test_backups_and_what_they_replace_are_named(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    kept = document(project, "server", "backup", "kept.db")
    assert kept == {"kind": "backup", "file": "kept.db", "bytes": (project.root / "kept.db").stat().st_size}
    project.flowctl("server", "stop")
    data = str(project.root / ".flowctl/server")
    restored = document(project, "server", "restore", "kept.db")
    assert restored == {"kind": "restore", "file": "kept.db", "data": data, "before": f"{data}.before"}
    refused = document(project, "server", "restore", "nothing.db", code=1)
    assert [one["code"] for one in refused["diagnostics"]] == ["S321"]
