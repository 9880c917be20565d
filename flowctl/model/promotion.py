"""What a promotion moves from one environment to another, on which evidence, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.project import FlowReference

Move = Literal["new", "changed", "pin"]
NeedKind = Literal["plugin", "secret", "kv", "file", "subflow"]
NeedState = Literal["missing", "not checkable"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How exactly one revision of a flow has run on a server.

    `green` executions ended SUCCESS, `failed` FAILED, `other` in any other way or not yet. `examples` are the newest
    green ones, at most three. `deployed_at` is when the server got that revision.
    """

    revision: int
    digest: str
    deployed_at: datetime | None = None
    green: int = 0
    failed: int = 0
    other: int = 0
    last_green: datetime | None = None
    examples: tuple[str, ...] = ()

    @property
    def failure_share(self) -> float:
        """Failed executions among those that ended green or failed; 0 when there are none."""
        ended = self.green + self.failed
        return self.failed / ended if ended else 0.0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One place of a promoted text that is not as in the source: a reference, or what the target keeps different."""

    place: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Leftover:
    """A line (from 1) of a promoted flow's file that still names the source's namespace; secrets are masked."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class PromotedFlow:
    """One flow that differs between the two environments.

    `source_text` is what the source's server has to hold, `text` what the target's server will get, `file_text` what
    the target's file at `path` (relative to the workspace) will say; None for a `pin`, which moves a digest instead.
    `reasons` say why it cannot go; `allowed` is the reason that somebody gave for letting it go nevertheless.
    `needed_by` names the flow that brought it along when it was not selected itself.
    """

    source: FlowKey
    target: FlowKey
    move: Move
    path: str
    source_text: str
    text: str
    digest: str
    file_text: str | None = None
    references: tuple[FlowReference, ...] = ()
    rewritten: tuple[Rewrite, ...] = ()
    kept: tuple[Rewrite, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    evidence: Evidence | None = None
    reasons: tuple[str, ...] = ()
    allowed: str | None = None
    needed_by: FlowKey | None = None

    @property
    def goes(self) -> bool:
        """Whether nothing stands in its way, or somebody took the responsibility."""
        return not self.reasons or self.allowed is not None


@dataclass(frozen=True, slots=True)
class PromotedFile:
    """A namespace file that a promoted flow reads; `origin` is the source's file (absolute), `path` the target's."""

    source: FileKey
    target: FileKey
    move: Move
    origin: str
    path: str
    digest: str
    size: int
    needed_by: FlowKey


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a promoted flow uses and the target lacks, or does not let us see; `command` adds it."""

    kind: NeedKind
    name: str
    state: NeedState
    needed_by: FlowKey
    command: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion as it is shown and done.

    `only_in_target` are flows that the source does not have: promotion leaves them alone. `commit` is the source's.
    """

    source: str
    target: str
    decided_at: datetime
    flows: tuple[PromotedFlow, ...] = ()
    files: tuple[PromotedFile, ...] = ()
    needs: tuple[Need, ...] = ()
    equal: int = 0
    only_in_target: tuple[FlowKey, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    commit: str | None = None

    @property
    def refused(self) -> tuple[PromotedFlow, ...]:
        """The flows that cannot go."""
        return tuple(flow for flow in self.flows if not flow.goes)

    @property
    def missing(self) -> tuple[Need, ...]:
        """What the target certainly lacks."""
        return tuple(need for need in self.needs if need.state == "missing")


AllowedUnproven = Mapping[str, str]
