"""A commit on a new branch, made in Git's object store: neither the work tree nor the index nor HEAD is touched.

GitPython is imported here only; `flowctl.loading.repository.git` asks the `git` command while loading.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.errors import FlowctlError, PlanError

if TYPE_CHECKING:
    from git import Actor, Commit, Repo

_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
REGULAR = "100644"


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that holds a promotion. `base` is the branch it started from, None when HEAD was detached."""

    name: str
    commit: str
    base: str | None


class Repository:
    """The repository around a workspace.

    Raises:
        PlanError: P308, the workspace is in no repository, or in one without a commit.
    """

    def __init__(self, root: Path) -> None:
        from git import InvalidGitRepositoryError, NoSuchPathError, Repo

        try:
            self._repo: Repo = Repo(root, search_parent_directories=True)
            self._head: Commit = self._repo.head.commit
        except (InvalidGitRepositoryError, NoSuchPathError, ValueError):
            hint = "`git init` and make a first commit, or promote with --apply"
            raise PlanError.of("P308", f"{root} is in no Git repository with a commit", hint=hint) from None
        top = self._repo.working_tree_dir
        self._prefix = root.resolve().relative_to(Path(str(top)).resolve()).as_posix() if top is not None else "."

    @property
    def base(self) -> str | None:
        """The branch that is checked out; None when HEAD is detached."""
        return None if self._repo.head.is_detached else self._repo.active_branch.name

    def committed(self, path: str) -> bytes | None:
        """A file of the workspace as the last commit has it, None when it does not."""
        return _bytes(self._head, self._inside(path))

    def commit(self, name: str, files: Mapping[str, bytes], message: str, dated: frozenset[str]) -> Branch:
        """A new branch with one commit on top of HEAD.

        A branch of that name that has just these files on top of HEAD, here or as last fetched from a remote, is
        taken as it is; so is one on top of an earlier commit, if none of these files has changed since. `dated` are
        paths that hold the time, so that what they hold on the branch does not count.

        Raises:
            PlanError: P309, there is another branch of that name, or it is none; P310, Git knows no author.
        """
        from git import Commit

        known = self._known(name)
        if known is not None:
            if not self._same(known, files, dated):
                hint = "name another branch (--branch NAME), or delete it"
                detail = f"it ends with {known.hexsha[:12]}, {str(known.summary)!r}"
                raise PlanError.of("P309", f"the branch {name} is there and holds something else", detail, hint)
        else:
            author, committer = self._people()
            tree = self._tree(files)
            known = Commit.create_from_tree(
                self._repo, tree, message, [self._head], head=False, author=author, committer=committer
            )
        if name not in self._repo.heads:
            self._repo.create_head(name, known)
        return Branch(name, known.hexsha, self.base)

    def push(self, branch: Branch) -> str:
        """Push the branch to the remote (`origin`, or the only one); returns the remote's URL without credentials.

        Raises:
            FlowctlError: P311, there is no such remote, or it says no.
        """
        from git import GitCommandError

        remotes = [remote.name for remote in self._repo.remotes]
        name = "origin" if "origin" in remotes else remotes[0] if len(remotes) == 1 else None
        if name is None:
            raise FlowctlError.of("P311", "there is no remote `origin` to push to", hint="git remote add origin URL")
        reference = f"refs/heads/{branch.name}"
        try:
            with self._repo.git.custom_environment(GIT_TERMINAL_PROMPT="0", LC_ALL="C"):
                self._repo.git.push("--quiet", "--no-verify", name, f"{reference}:{reference}")
        except GitCommandError as error:
            said = _LOGIN.sub("", str(error.stderr).strip().removeprefix("stderr: ").strip("' \n"))
            hint = f"push it yourself: git push {name} {branch.name}"
            raise FlowctlError.of("P311", f"{branch.name} could not be pushed to {name}", said, hint) from None
        return _LOGIN.sub("", next(iter(self._repo.remote(name).urls)))

    def _known(self, name: str) -> Commit | None:
        from git import GitCommandError

        try:
            self._repo.git.check_ref_format("--branch", name)
        except GitCommandError:
            hint = "give --branch another name"
            raise PlanError.of("P309", f"{name!r} is no name for a branch", hint=hint) from None
        if name in self._repo.heads:
            return self._repo.heads[name].commit
        ends = (ref for remote in self._repo.remotes for ref in remote.refs)
        return next((end.commit for end in ends if end.remote_head == name), None)

    def _same(self, commit: Commit, files: Mapping[str, bytes], dated: frozenset[str]) -> bool:
        if len(commit.parents) != 1 or not self._as_now(commit.parents[0], files):
            return False
        return all(_bytes(commit, self._inside(path)) == data for path, data in files.items() if path not in dated)

    def _as_now(self, base: Commit, paths: Iterable[str]) -> bool:
        """Whether a commit is HEAD, or one that HEAD comes from and that has these files as HEAD has them."""
        if base.hexsha == self._head.hexsha:
            return True
        if not self._repo.is_ancestor(base, self._head):
            return False
        return all(_bytes(base, inside) == _bytes(self._head, inside) for inside in map(self._inside, paths))

    def _people(self) -> tuple[Actor, Actor]:
        """Author and committer from Git's own variables and configuration, never made up."""
        from git import Actor

        with self._repo.config_reader() as config:
            found = {name: str(config.get_value("user", name, default="")) for name in ("name", "email")}
        people = [
            {name: os.environ.get(f"GIT_{role}_{name.upper()}") or found[name] for name in found}
            for role in ("AUTHOR", "COMMITTER")
        ]
        if not all(value for person in people for value in person.values()):
            hint = "git config user.name NAME; git config user.email ADDRESS"
            raise PlanError.of("P310", "Git does not know who you are, so that there is no author", hint=hint)
        author, committer = (Actor(person["name"], person["email"]) for person in people)
        return author, committer

    def _tree(self, files: Mapping[str, bytes]) -> str:
        """HEAD's tree with these files, written by way of an index of its own: three processes for any number."""
        with tempfile.TemporaryDirectory(prefix="flowctl-") as directory:
            place = Path(directory)
            lines = [
                f"{self._mode(inside)} {blob}\t{inside}\n"
                for inside, blob in zip(map(self._inside, files), self._blobs(place, files.values()), strict=True)
            ]
            with self._repo.git.custom_environment(GIT_INDEX_FILE=str(place / "index")):
                self._repo.git.read_tree(self._head.hexsha)
                (place / "entries").write_text("".join(lines), encoding="utf-8")
                with (place / "entries").open("rb") as entries:
                    self._repo.git.update_index("--index-info", istream=entries)
                written: str = self._repo.git.write_tree()
        return written

    def _blobs(self, place: Path, contents: Iterable[bytes]) -> list[str]:
        """Every content in the object store as it is, past any filter or line end conversion; their names."""
        paths = []
        for number, data in enumerate(contents):
            paths.append(place / str(number))
            paths[-1].write_bytes(data)
        (place / "paths").write_text("".join(f"{path}\n" for path in paths))
        with (place / "paths").open("rb") as names:
            found: str = self._repo.git.hash_object("-w", "--no-filters", "--stdin-paths", istream=names)
        return found.split()

    def _mode(self, inside: str) -> str:
        """The mode that a file has in HEAD; that of a regular file when it is new."""
        with suppress(KeyError):
            return f"{(self._head.tree / inside).mode:o}"
        return REGULAR

    def _inside(self, path: str) -> str:
        return path if self._prefix == "." else f"{self._prefix}/{path}"


def _bytes(commit: Commit, path: str) -> bytes | None:
    try:
        data: bytes = (commit.tree / path).data_stream.read()
    except KeyError:
        return None
    return data
