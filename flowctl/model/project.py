"""The desired side: what the files of one environment say, after layers, namespaces and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey, KvKey

KvType = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


@dataclass(frozen=True, slots=True)
class FlowReference:
    """One flow names another. `place` is where, such as `tasks[child]`; `dynamic` when the name is an expression."""

    relation: Literal["subflow", "trigger"]
    namespace: str
    flow_id: str
    place: str
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow of the project. `source` is the exact text the server gets, `digest` its SHA-256 in hex.

    `path` is relative to the workspace. `references` are what it calls, at any depth.
    """

    key: FlowKey
    source: str
    digest: str
    path: str
    references: tuple[FlowReference, ...] = ()


@dataclass(frozen=True, slots=True)
class NamespaceFile:
    """One namespace file; its bytes are read from `path` (absolute) when they are sent."""

    key: FileKey
    digest: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One desired key-value pair.

    `value` is the plain value, or None when `env` names the variable that holds it (read at apply time only).
    `digest` is over type and value (see `flowctl.flowtext.digests.kv_digest`); None when the variable is not set.
    """

    key: KvKey
    type: KvType
    value: object
    digest: str | None
    path: str
    env: str | None = None
    ttl: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class GitStamp:
    """Where the project's files come from. `dirty` when the work tree differs from the commit."""

    commit: str
    branch: str | None
    dirty: bool
    author: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """Everything the files of one environment want. `diagnostics` holds warnings only: errors stop the load."""

    environment: Environment
    flows: Mapping[FlowKey, Flow]
    files: Mapping[FileKey, NamespaceFile] = field(default_factory=dict)
    kv: Mapping[KvKey, KeyValue] = field(default_factory=dict)
    git: GitStamp | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
