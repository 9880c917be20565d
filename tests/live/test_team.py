"""Two developers, a bad merge, an edit on the server, an apply that fails half-way, a promotion and a rollback."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from tests.live.conftest import Live
from tests.live.proxy import BreakingProxy
from tests.live.test_story import CHILD, PARENT, source
from tests.story.project import Outcome, Project


@dataclass(frozen=True, slots=True)
class Developer:
    """Somebody with a clone of the team's repository."""

    name: str
    live: Live

    @property
    def root(self) -> Path:
        return self.live.project.root

    def flowctl(self, *arguments: str, code: int = 0) -> Outcome:
        return self.live.project.flowctl(*arguments, code=code, **self.live.auth)

    def git(self, *arguments: str) -> str:
        identity = ("-c", f"user.name={self.name}", "-c", f"user.email={self.name}@example.com")
        result = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return result.stdout.strip()

    def edit(self, path: str, old: str, new: str) -> None:
        place = self.root / path
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new))

    def share(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        self.git("push", "-q", "origin", "main")

    def catch_up(self) -> None:
        self.git("pull", "-q", "--rebase", "origin", "main")


def test_a_team_works_for_a_while(live: Live, tmp_path: Path) -> None:
    with BreakingProxy(live.url) as proxy:
        ada, bob = team(replace(live, url=proxy.url), live, tmp_path)
        a_bad_merge_is_caught(ada, bob)
        a_reviewed_plan_goes_stale_by_an_edit_on_the_server(ada)
        an_apply_fails_half_way(ada, bob, proxy)
        what_is_proven_is_promoted(ada)
        a_mistake_is_rolled_back(bob)


def team(reached: Live, live: Live, folder: Path) -> tuple[Developer, Developer]:
    """Ada's and Bob's clones of one repository, deployed to staging once; the server is reached through the proxy."""
    ada = Developer("Ada", reached)
    for path in (ada.root / "environments").glob("*.yaml"):
        path.write_text(path.read_text().replace(live.url, reached.url))
    reached.project.write("flows/staging/child.yaml", CHILD)
    reached.project.write("flows/staging/parent.yaml", PARENT.replace("NAMESPACE", f"{live.prefix}.staging"))
    reached.project.write("flows/production/.gitkeep", "")
    reached.project.write(".gitignore", ".flowctl/\n*.json\n")
    origin = folder / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    ada.git("init", "-q", "-b", "main")
    ada.git("remote", "add", "origin", str(origin))
    ada.share("first flows")
    subprocess.run(["git", "clone", "-q", str(origin), str(folder / "bob")], check=True)
    ada.flowctl("apply", "staging", "--auto-approve")
    return ada, Developer("Bob", replace(reached, project=Project(folder / "bob")))


def a_bad_merge_is_caught(ada: Developer, bob: Developer) -> None:
    """Bob deletes what Ada's flow calls, and somebody's resolution leaves a conflict marker behind."""
    (bob.root / "flows/staging/child.yaml").unlink()
    refused = bob.flowctl("plan", "staging", code=1)
    assert "H3" in refused.out + refused.err
    bob.git("checkout", "-q", "--", ".")
    bob.edit("flows/staging/child.yaml", "tasks:", "<<<<<<< HEAD\ntasks:")
    unsound = bob.flowctl("validate", "staging", code=1)
    assert "flows/staging/child.yaml:3" in unsound.err
    bob.git("checkout", "-q", "--", ".")


def a_reviewed_plan_goes_stale_by_an_edit_on_the_server(ada: Developer) -> None:
    """The plan is refused with what moved; the edit is taken into Git, and then the merge of both goes out."""
    ada.edit("flows/staging/parent.yaml", "defaults: World", "defaults: Team")
    ada.flowctl("plan", "staging", "--out", "reviewed.json")
    edited = source(ada.live, "staging", "parent").replace("Hello,", "Hi,")
    assert ada.live.request("PUT", f"/flows/{ada.live.prefix}.staging/parent", edited).status_code == 200
    stale = ada.flowctl("apply", "reviewed.json", code=1)
    assert f"{ada.live.prefix}.staging/parent" in stale.out + stale.err
    assert "Hi," in source(ada.live, "staging", "parent")
    ada.git("stash", "-q")
    ada.flowctl("pull", "staging")
    assert "Hi," in (ada.root / "flows/staging/parent.yaml").read_text()
    assert "# a remark" in (ada.root / "flows/staging/parent.yaml").read_text()
    ada.share("take the edit of the server")
    ada.git("stash", "pop", "-q")
    ada.flowctl("apply", "staging", "--auto-approve")
    deployed = source(ada.live, "staging", "parent")
    assert ("Hi," in deployed, "defaults: Team" in deployed) == (True, True)
    ada.share("greet the team")


def an_apply_fails_half_way(ada: Developer, bob: Developer, proxy: BreakingProxy) -> None:
    """Everything planned is reported; what depends on the failure is not tried; the next apply does the rest."""
    bob.catch_up()
    bob.edit("flows/staging/child.yaml", "hello from", "greetings of")
    bob.edit("flows/staging/parent.yaml", "Hi,", "Good day,")
    bob.live.project.write("flows/staging/other.yaml", CHILD.replace("id: child", "id: other"))
    proxy.broken = "child"
    failed = bob.flowctl("apply", "staging", "--auto-approve", code=1)
    said = failed.out + failed.err
    assert proxy.refused >= 1
    assert "not attempted" in said
    assert "Good day," not in source(bob.live, "staging", "parent")
    assert "id: other" in source(bob.live, "staging", "other")
    proxy.broken = None
    rest = json.loads(bob.flowctl("plan", "staging", "--json").out)
    assert len(rest["changes"]) == 2
    bob.flowctl("apply", "staging", "--auto-approve")
    assert "Good day," in source(bob.live, "staging", "parent")
    assert "No changes" in bob.flowctl("plan", "staging").out
    bob.share("be polite")
    ada.catch_up()


def what_is_proven_is_promoted(ada: Developer) -> None:
    """Not before it has run green; then on a branch, with the work tree left alone."""
    ada.flowctl("promote", "staging", "production", code=1)
    for flow in ("child", "parent", "other"):
        ada.flowctl("run", f"{ada.live.prefix}.staging/{flow}", "-e", "staging", "--wait")
    before = ada.git("rev-parse", "HEAD")
    ada.flowctl("promote", "staging", "production", "--branch", "promotion")
    assert (ada.git("rev-parse", "HEAD"), ada.git("status", "--porcelain")) == (before, "")
    assert "flows/production/parent.yaml" in ada.git("show", "--stat", "--format=%B", "promotion")
    ada.git("merge", "-q", "promotion")
    ada.git("push", "-q", "origin", "main")
    ada.flowctl("apply", "production", "--auto-approve")
    deployed = source(ada.live, "production", "parent")
    assert f"namespace: {ada.live.prefix}.production" in deployed
    assert "Good day," in deployed


def a_mistake_is_rolled_back(bob: Developer) -> None:
    """What was deployed before is found by its commit and put back."""
    bob.catch_up()
    good = bob.git("rev-parse", "HEAD")
    bob.edit("flows/production/parent.yaml", "Good day,", "Go away,")
    bob.share("a mistake")
    bob.flowctl("apply", "production", "--auto-approve")
    assert "Go away," in source(bob.live, "production", "parent")
    bob.flowctl("rollback", "production", "--to", good, "--auto-approve")
    assert "Good day," in source(bob.live, "production", "parent")
    assert "dev" not in json.loads(bob.flowctl("status", "production", "--json").out)
