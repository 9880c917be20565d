"""From a promotion to a branch, a pushed branch and a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.cli.console import Console
from flowctl.cli.promoting.decide import Decided
from flowctl.cli.promoting.options import Steps
from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.errors import PlanError
from flowctl.model.plan import Plan
from flowctl.model.project import GitStamp
from flowctl.promoting.branch import Branch, Repository
from flowctl.promoting.record import record_path
from flowctl.promoting.tree import Tree, changed_files
from flowctl.views.promotions.markdown import commit_message, promotion_markdown, title

if TYPE_CHECKING:
    from flowctl.ci.pulls import PullRequest


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a promotion so far."""

    branch: Branch
    pushed_to: str | None = None
    pull_request: str | None = None

    @property
    def members(self) -> dict[str, object]:
        """For `--json`."""
        found: dict[str, object] = {"branch": self.branch.name, "branch_commit": self.branch.commit}
        return found | {"pushed_to": self.pushed_to, "pull_request": self.pull_request}

    @property
    def stamp(self) -> GitStamp:
        """Where the promoted texts stand."""
        return GitStamp(self.branch.commit, self.branch.name, dirty=False)


def make_branch(decided: Decided, repository: Repository, steps: Steps) -> Made:
    """The branch with its commit.

    Raises:
        PlanError: P308, P309, P310: see `Repository`; P314, files of the promotion are not committed as they are.
    """
    tree = committed_tree(decided, repository)
    name = steps.branch or default_name(decided, tree)
    dated = frozenset((record_path(decided.target.name),))
    return Made(repository.commit(name, tree, commit_message(decided.promotion), dated))


def committed_tree(decided: Decided, repository: Repository) -> Tree:
    """The changed files, on top of what the last commit has.

    Raises:
        PlanError: P314.
    """
    root, workspace = decided.workspace.root, decided.workspace
    environment = workspace.relative(decided.target.path)
    origins = [workspace.relative(Path(file.origin)) for file in decided.promotion.files]
    tree = changed_files(
        decided.promotion, environment, lambda path: repository.committed(workspace.relative(root / path))
    )
    touched = [path for path in (*origins, *tree) if path != record_path(decided.target.name)]
    _refuse([path for path in touched if repository.committed(path) != _now(root / path)])
    return tree


def _refuse(changed: Sequence[str]) -> None:
    if changed:
        hint = "commit them (or take your changes back), then promote again"
        summary = f"{changed[0]} is not committed as it is" + (f", nor {len(changed) - 1} more" if changed[1:] else "")
        raise PlanError.of("P314", summary, hint=hint, path=changed[0])


def _now(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def default_name(decided: Decided, tree: Tree) -> str:
    """A name that is the same for the same content: `promote/TARGET-DIGEST`, the record's times left out."""
    content = sha256()
    for path in sorted(tree):
        if path != record_path(decided.target.name):
            content.update(path.encode() + b"\0" + tree[path])
    return f"promote/{decided.target.name}-{content.hexdigest()[:10]}"


def push(made: Made, repository: Repository) -> Made:
    """Push the branch.

    Raises:
        FlowctlError: P311.
    """
    return Made(made.branch, repository.push(made.branch))


def request_pull(console: Console, made: Made, decided: Decided, plan: Plan) -> Made:
    """Open a pull or merge request with the table and the plan, or bring the branch's open one up to date.

    Raises:
        UsageError: C142, no token or repository; FlowctlError: C141, the forge says no; P312, no base branch.
    """
    from flowctl.ci.notes import LIMIT
    from flowctl.ci.pulls import PullRequest
    from flowctl.views.plans.markdown import plan_markdown

    environ = console.environ
    base = environ.get("GITHUB_REF_NAME") or environ.get("CI_COMMIT_BRANCH") or made.branch.base
    if base is None:
        hint = "check out the branch that the pull request is for"
        raise PlanError.of("P312", "no branch is checked out for the pull request to go into", hint=hint)
    text = promotion_markdown(decided.promotion)
    whole = f"{text}\n{plan_markdown(plan)}"
    body = whole if len(whole) <= LIMIT else text[:LIMIT]
    wanted = PullRequest(made.branch.name, base, title(decided.promotion), body)
    return Made(made.branch, made.pushed_to, _request(environ, made.pushed_to or "", wanted))


def _request(environ: Mapping[str, str], remote: str, wanted: PullRequest) -> str:
    """Open it where the job runs, else where the remote is. Returns the address."""
    from flowctl.ci import github, gitlab, pulls
    from flowctl.cli.forges.choosing import forge_of_remote

    name, environ = forge_of_remote(environ, remote)
    if name == "gitlab":
        return pulls.open_merge_request(gitlab.forge_of(environ), pulls.project_for(environ, remote), wanted)
    return pulls.open_pull_request(github.forge_of(environ), pulls.repository_for(environ, remote), wanted)


def file_edits(decided: Decided) -> tuple[FileEdit, ...]:
    """What the promotion changes in the work tree, where it is applied without a branch.

    Raises:
        PlanError: P314, Git does not have what would be written over. Values that are edited in place are not lost,
            and outside a repository nobody can know.
    """
    root, workspace = decided.workspace.root, decided.workspace
    environment, record = workspace.relative(decided.target.path), record_path(decided.target.name)
    tree = changed_files(decided.promotion, environment, lambda path: _now(root / path))
    edits = tuple(FileEdit((), path, _now(root / path), data) for path, data in tree.items())
    replaced = [
        edit
        for edit in edits
        if edit.path not in (environment, record) and edit.before is not None and edit.before != edit.after
    ]
    repository = _repository(root) if replaced else None
    if repository is not None:
        _refuse([edit.path for edit in replaced if repository.committed(edit.path) != edit.before])
    return edits


def _repository(root: Path) -> Repository | None:
    try:
        return Repository(root)
    except PlanError:
        return None
