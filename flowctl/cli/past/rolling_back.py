"""An earlier state of an environment as a project, so that going back is a plan like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

from flowctl.cli.console import Console
from flowctl.errors import FlowctlError, PlanError, ProjectError
from flowctl.history.state_at import digests_at, last_change, no_such_serial, serials
from flowctl.loading.workspace import Workspace
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Environment
from flowctl.model.history import HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.ledger import KEYED
from flowctl.model.live import LiveState
from flowctl.model.project import Flow, GitStamp, KeyValue, NamespaceFile, Project
from flowctl.remote.port import Server

DIRTY = "-dirty"
SERIAL = re.compile("[0-9]{1,18}")
"""A serial, or a commit of digits alone."""
NO_GIT = "F501"
UNKNOWN_REFERENCE = (NO_GIT, "F502", "F503")
Found = Flow | NamespaceFile | KeyValue
T = TypeVar("T", Flow, NamespaceFile, KeyValue)


@dataclass(slots=True)
class Past:
    """Where earlier contents are looked for. `stack` keeps the trees of commits until the plan is made."""

    console: Console
    workspace: Workspace
    environment: Environment
    server: Server
    live: LiveState
    present: Project
    stack: ExitStack
    commits: dict[str, Project | None]

    def at_commit(self, reference: str) -> Project:
        """The project of a commit.

        Raises:
            ProjectError: no such commit, or its files are unsound; places are those of the commit (`REF:PATH`).
        """
        from flowctl.loading.repository.at_commit import project_at

        found = project_at(self.workspace, self.environment, reference, self.console.environ)
        try:
            return self.stack.enter_context(found)
        except ProjectError as error:
            raise ProjectError(*(_at(one, reference) for one in error.diagnostics)) from None

    def at_commit_or_none(self, commit: str) -> Project | None:
        """The same, read once; None when the commit or its files cannot be used."""
        if commit not in self.commits:
            try:
                self.commits[commit] = self.at_commit(commit)
            except ProjectError:
                self.commits[commit] = None
        return self.commits[commit]


def _at(one: Diagnostic, reference: str) -> Diagnostic:
    """A problem of a file as it was then; the file of now may be another, and cannot help."""
    if one.path is None:
        return one
    return replace(
        one, path=f"{reference}:{one.path}", hint="that commit cannot be gone back to: name another, or a serial"
    )


def earlier_project(past: Past, to: str) -> Project:
    """The project to go back to: the state after an apply (`to` is a serial), or what a commit has.

    Raises:
        PlanError: P120, no such serial; P121, contents that are nowhere to be found.
        ProjectError: no such commit, or its files are unsound.
    """
    ledger = past.live.ledger
    if not SERIAL.fullmatch(to):
        return _at_commit(past, to)
    if ledger is not None and int(to) <= ledger.serial:
        return _at_serial(past, int(to))
    try:
        return past.at_commit(to)
    except ProjectError as error:
        if error.diagnostics[0].code not in UNKNOWN_REFERENCE:
            raise
        raise no_such_serial(int(to), f"{serials(ledger)}, and Git knows no `{to}`", past.environment.name) from None


def _at_commit(past: Past, to: str) -> Project:
    try:
        return past.at_commit(to)
    except ProjectError as error:
        first = error.diagnostics[0]
        if first.code != NO_GIT:
            raise
        hint = f"go back to a serial: `flowctl history {past.environment.name}` lists the serials"
        raise ProjectError(replace(first, hint=hint)) from None


def _at_serial(past: Past, serial: int) -> Project:
    entries = past.server.read_history(past.environment.namespace)
    ledger = past.live.ledger
    assert ledger is not None
    wanted = digests_at(ledger, entries, serial, past.environment.name)
    found: dict[ObjectKey, Found] = {}
    missing: list[ObjectKey] = []
    for key, digest in wanted.items():
        one = _find(past, key, digest, _commits(past, entries, key, serial))
        if one is None:
            missing.append(key)
        else:
            found[key] = one
    if missing:
        raise PlanError(*(_nowhere(key, serial, wanted[key]) for key in missing))
    return Project(
        past.environment,
        _of_kind(found, Flow),
        _of_kind(found, NamespaceFile),
        _of_kind(found, KeyValue),
        _stamp(entries, serial),
    )


def _of_kind(found: Mapping[ObjectKey, Found], kind: type[T]) -> dict:  # type: ignore[type-arg]  # keyed as `kind` is
    return {key: one for key, one in found.items() if isinstance(one, kind)}


def _stamp(entries: tuple[HistoryEntry, ...], serial: int) -> GitStamp | None:
    commit = next((entry.commit for entry in entries if entry.serial == serial), None)
    return GitStamp(commit.removesuffix(DIRTY), None, commit.endswith(DIRTY)) if commit else None


def _commits(past: Past, entries: tuple[HistoryEntry, ...], key: ObjectKey, serial: int) -> list[str]:
    """The commits that may hold an object's text, the likeliest first."""
    assert past.live.ledger is not None
    recorded = past.live.ledger.entries.get(key)
    last = last_change(entries, key, serial)
    stated = [last.commit if last else None, recorded.commit if recorded else None]
    return list(dict.fromkeys(commit.removesuffix(DIRTY) for commit in stated if commit))


def _find(past: Past, key: ObjectKey, digest: str, commits: list[str]) -> Found | None:
    """An object with a digest: from the files, from what is live, from the server's revisions, from Git."""
    found = _in_project(past.present, key, digest) or _live(past, key, digest)
    if found is None and isinstance(key, FlowKey):
        found = _revision(past, key, digest)
    for commit in commits if found is None else ():
        project = past.at_commit_or_none(commit)
        found = _in_project(project, key, digest) if project is not None else None
        if found is not None:
            break
    return found


def _in_project(project: Project, key: ObjectKey, digest: str) -> Found | None:
    """A secret value goes back to what its variable holds now: no other is known to anybody."""
    if isinstance(key, FlowKey):
        flow = project.flows.get(key)
        return flow if flow is not None and flow.digest == digest else None
    if isinstance(key, FileKey):
        file = project.files.get(key)
        return file if file is not None and file.digest == digest else None
    pair = project.kv.get(key)
    if pair is not None and (pair.digest == digest or (digest.startswith(KEYED) and pair.env is not None)):
        return pair
    return None


def _live(past: Past, key: ObjectKey, digest: str) -> Found | None:
    """What is on the server already needs no text: it is not written."""
    if isinstance(key, FileKey):
        file = past.live.files.get(key)
        return NamespaceFile(key, digest, file.size, "") if file is not None and file.digest == digest else None
    if isinstance(key, KvKey):
        pair = past.live.kv.get(key)
        same = pair is not None and pair.digest == digest
        return KeyValue(key, pair.type, None, digest, "") if pair is not None and same else None  # type: ignore[arg-type]  # the server's word for a type
    return None


def _revision(past: Past, key: FlowKey, digest: str) -> Flow | None:
    from flowctl.loading.knowledge.learning import learn

    source = next((one.source for one in past.server.read_revisions(key) if one.digest == digest), None)
    if source is None:
        return None
    learned = learn(source, key.namespace, past.environment.dialect or "lenient")
    return Flow(key, source, digest, "", learned.references)


def same_objects(one: Project, other: Project) -> bool:
    """Whether two projects hold the same objects with the same contents."""
    return _contents(one) == _contents(other)


def _contents(project: Project) -> dict[ObjectKey, str | None]:
    objects: tuple[Found, ...] = (*project.flows.values(), *project.files.values(), *project.kv.values())
    return {one.key: one.digest for one in objects}


def _nowhere(key: ObjectKey, serial: int, digest: str) -> Diagnostic:
    secret = digest.startswith(KEYED)
    return Diagnostic(
        "P121",
        "error",
        f"{key.address} as of serial {serial} is nowhere to be found",
        "its value came from a variable, and no file names it any more"
        if secret
        else f"digest {digest[:12]}: neither in the files, nor on the server, nor in the commit it was applied from",
        "go back with --to COMMIT, or leave it out with --exclude",
        subject=key.address,
    )


def check_ledger(live: LiveState, environment: Environment) -> None:
    """Refuse to go back where nothing was ever applied.

    Raises:
        FlowctlError: P122.
    """
    if live.ledger is None:
        hint = f"`flowctl apply {environment.name}` makes a first one"
        raise FlowctlError.of("P122", f"nothing was applied to {environment.name} yet", hint=hint)
