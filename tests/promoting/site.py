"""A workspace in a Git repository with a staging and a production environment on the bundled server."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.story.project import Outcome, Project

DAILY = """\
# Every night.
id: daily
tasks:
  - id: child   # calls the loader
    type: io.kestra.plugin.core.flow.Subflow
    namespace: "staging.jobs"
    flowId: load
    wait: true

triggers:
  - id: night
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 3 * * *"
"""
LOAD = """\
id: load
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: one
"""
STAGING = "server: bundled\nflows: flows/staging\n"
PRODUCTION = "server: bundled\nflows: flows/production\npromotes_from: staging\n"


@dataclass(frozen=True, slots=True)
class Site:
    """The workspace and its repository."""

    project: Project

    @classmethod
    def create(cls, root: Path) -> Site:
        """Both environments, the source's flows committed and nothing deployed."""
        site = cls(Project.create(root))
        site.project.write("environments/staging.yaml", STAGING)
        site.project.write("environments/production.yaml", PRODUCTION)
        site.project.write("flows/staging/daily.yaml", DAILY)
        site.project.write("flows/staging/jobs/load.yaml", LOAD)
        site.project.write("flows/production/.gitkeep", "")
        site.project.write(".gitignore", ".flowctl/\n")
        site.git("init", "--quiet", "--initial-branch=main")
        site.git("config", "user.name", "Ada Lovelace")
        site.git("config", "user.email", "ada@example.com")
        site.git("config", "commit.gpgsign", "false")
        site.commit("Begin")
        return site

    @property
    def root(self) -> Path:
        """The workspace."""
        return self.project.root

    def git(self, *arguments: str) -> str:
        """Run Git in the workspace; returns what it prints."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"git {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str) -> str:
        """Commit everything; returns the commit."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def prove(self, *flows: str) -> None:
        """Deploy the source and run flows there until they end, all green."""
        self.project.apply("staging")
        for flow in flows:
            self.project.flowctl("run", f"staging:{flow}", "--wait")

    def promote(self, *arguments: str, code: int = 0, **environ: str) -> Outcome:
        """`flowctl promote staging production …`."""
        return self.project.flowctl("promote", "staging", "production", *arguments, code=code, **environ)

    def promoted(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The promotion as JSON."""
        found = json.loads(self.promote(*arguments, "--json", code=code).out)
        assert isinstance(found, dict)
        return found

    def read(self, path: str) -> str:
        """A file of the workspace."""
        return (self.root / path).read_text(encoding="utf-8")
