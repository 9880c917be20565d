"""The protocol of a task plugin (docs/plugins.md).

A plugin is an object with a `spec`, the description of its type, and a method `run`. It is registered under the entry
point group `flowctl.plugins`. The built-in tasks are plugins too and get nothing that another plugin does not get.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from flowctl.engine.plugins.properties import Properties
from flowctl.language.types.spec import TypeSpec

Outputs = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """More than outputs.

    `state` is the run's state unless the task failed; `labels` are merged into the execution's, `variables` into its
    variables (deeply), `unset` removes variables, `exit` ends the whole execution in that state. `encrypted` are names
    of outputs whose texts are kept sealed: expressions see them, nobody is shown them.
    """

    outputs: Outputs = field(default_factory=dict)
    state: str = "SUCCESS"
    labels: Mapping[str, str] | None = None
    variables: Mapping[str, object] | None = None
    unset: Sequence[str] = ()
    exit: str | None = None
    encrypted: Sequence[str] = ()


class TaskFailure(Exception):
    """The task failed. The message is logged; `outputs` are kept; `tolerable` False defies `allowFailure`."""

    def __init__(self, message: str, outputs: Outputs | None = None, *, tolerable: bool = True) -> None:
        super().__init__(message)
        self.message, self.outputs, self.tolerable = message, dict(outputs or {}), tolerable


class Killed(Exception):
    """The task stopped because its execution is being killed."""


class TimedOut(Exception):
    """The task stopped because its time limit was over."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task runs. `attempt` counts from 0; `dialect` is the server's: `lenient`, `2.0` or `1.3`."""

    namespace: str
    flow_id: str
    revision: int
    execution_id: str
    task_id: str
    task_run_id: str
    value: str | None = None
    attempt: int = 0
    dialect: str = "lenient"


class FileStore(Protocol):
    """Files of executions, addressed by `kestra:///…`; also reads `nsfile:///…` of the own namespace."""

    def put(self, name: str, data: bytes) -> str:
        """Keep bytes under a name. Returns the address."""
        ...

    def put_file(self, name: str, path: Path) -> str:
        """Keep a copy of a file. Returns the address."""
        ...

    def read(self, uri: str) -> bytes:
        """The bytes at an address. An address without a file is an error that fails the task."""
        ...

    def size(self, uri: str) -> int:
        """The size in bytes."""
        ...

    def delete(self, uri: str) -> bool:
        """Whether there was a file to remove."""
        ...

    def purge(self) -> list[str]:
        """Remove all files of the execution. Returns their addresses."""
        ...


class KeyValues(Protocol):
    """The key-value store. `set` with `kind` None takes the type from the value."""

    def get(self, namespace: str, key: str, *, inherited: bool = False) -> object | None:
        """The value, a duration in seconds; None when there is none or its time is over. `inherited` asks the
        namespaces above too."""
        ...

    def typed(self, namespace: str, key: str, *, inherited: bool = False) -> object | None:
        """The same as expressions see it: dates, instants and durations as such."""
        ...

    def exists(self, namespace: str) -> bool:
        """Whether there is such a namespace: a flow, a pair or a file in it or below it."""
        ...

    def set(
        self,
        namespace: str,
        key: str,
        value: object,
        *,
        kind: str | None,
        overwrite: bool,
        ttl: int | None,
        description: str | None,
    ) -> None:
        """Write a pair; `ttl` in microseconds, None: for ever.

        Raises:
            TaskFailure: the key is there, and `overwrite` is False.
        """
        ...

    def delete(self, namespace: str, key: str) -> bool:
        """Whether there was a pair to remove."""
        ...

    def keys(self, namespace: str, prefix: str) -> list[str]:
        """The keys that begin with a prefix; those whose time is over are left out."""
        ...

    def purge(self, wanted: Callable[[str, str], bool], *, expired_only: bool) -> int:
        """Remove the pairs whose namespace and key are wanted, or the expired ones among them. Returns how many."""
        ...


class NamespaceFiles(Protocol):
    """Files of a namespace; paths begin with a slash. `purge` removes versions: all but the newest `keep`, or those
    written before a time in microseconds since 1970, the one in force apart."""

    def listing(self, namespace: str) -> list[str]:
        """The paths of all files."""
        ...

    def read(self, namespace: str, path: str) -> bytes:
        """A file's bytes. A path without a file is an error that fails the task."""
        ...

    def write(self, namespace: str, path: str, data: bytes) -> None:
        """Write a file, whatever was there."""
        ...

    def delete(self, namespace: str, path: str) -> bool:
        """Whether there was a file to remove."""
        ...

    def purge(self, wanted: Callable[[str, str], bool], *, keep: int | None, before: int | None) -> int:
        """Remove versions of the files whose namespace and path are wanted. Returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """Which executions (or log lines) are meant; None: any. Times in microseconds since 1970."""

    namespace: str | None = None
    flow_id: str | None = None
    states: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of a log. `at` in microseconds since 1970."""

    at: int
    level: str
    message: str
    task_id: str | None
    execution_id: str | None


class Administration(Protocol):
    """What a task may ask of the engine about other executions."""

    def count(self, selected: Selected) -> int:
        """How many executions are meant."""
        ...

    def resume(self, execution_id: str, inputs: Mapping[str, object]) -> Future[None]:
        """Let a paused execution go on, with the inputs of its Pause. The future fails when that cannot be."""
        ...

    def log_rows(self, selected: Selected, execution_id: str, task_ids: Sequence[str], level: str) -> list[LogRow]:
        """Lines from a level up, oldest first: of the namespace or flow in `selected`, of the execution when it names
        none. `task_ids` empty: of all tasks."""
        ...

    def purge_logs(self, selected: Selected, levels: Sequence[str]) -> int:
        """Remove lines. `levels` empty: of all levels. Returns how many."""
        ...

    def purge(self, selected: Selected, *, rows: bool, log: bool, metrics: bool, files: bool) -> dict[str, int]:
        """Remove ended executions (`rows`), or parts of them. Returns how many went of `executions`, `logs`, `metrics`
        and `files`."""
        ...

    def toggle(self, namespace: str, flow_id: str, trigger_id: str, *, enabled: bool) -> bool:
        """Switch a trigger. False when there is none."""
        ...

    def flows_below(self, namespace: str | None, flow_id: str | None) -> list[tuple[str, str]]:
        """Namespace and id of the flows of a namespace and those below, of one flow, or of all."""
        ...

    def purge_revisions(self, flow: tuple[str, str], *, keep: int | None, before: int | None) -> int:
        """Remove old revisions of a flow: all but the newest `keep`, or those before a time in microseconds since 1970;
        with both, those that both mean. Returns how many."""
        ...

    def purge_storage(self, selected: Selected, *, dry: bool) -> tuple[int, int, int]:
        """Remove the files of executions whose newest one was written in a time. Returns how many executions have
        files, how many of them are meant, and how many files went."""
        ...


class RunContext(Protocol):
    """What a task gets from the engine. All methods may be called from the task's thread only."""

    @property
    def place(self) -> Place:
        """Where the task runs."""
        ...

    @property
    def killed(self) -> threading.Event:
        """Set when the task is to end early."""
        ...

    @property
    def deadline(self) -> float | None:
        """When the time limit is over, in `time.monotonic()` seconds; None without limit."""
        ...

    @property
    def directory(self) -> Path:
        """The working directory: made when first asked for, shared inside a WorkingDirectory, removed afterwards."""
        ...

    @property
    def kept(self) -> Path:
        """A directory that all tasks share and that stays: for what is costly to make and can be made again."""
        ...

    @property
    def files(self) -> FileStore:
        """The execution's files."""
        ...

    @property
    def kv(self) -> KeyValues:
        """The key-value store."""
        ...

    @property
    def namespace_files(self) -> NamespaceFiles:
        """Files of namespaces."""
        ...

    @property
    def administration(self) -> Administration:
        """Other executions, logs and triggers."""
        ...

    def task(self, name: str) -> Task | None:
        """The task of a canonical type name, of whichever package; None when nothing runs that type."""
        ...

    def render(self, template: object, extra: Mapping[str, object] | None = None) -> str:
        """A template rendered to text, with further variables; maps and lists as JSON."""
        ...

    def evaluate(self, template: object, extra: Mapping[str, object] | None = None) -> object:
        """A template whose lone `{{ }}` keeps its type; what is no text is given back as it is."""
        ...

    def log(self, level: str, message: str) -> None:
        """A line of the execution's log; `level` is TRACE, DEBUG, INFO, WARN or ERROR."""
        ...

    def metric(self, name: str, kind: str, value: float, tags: Mapping[str, str]) -> None:
        """A measured value; `kind` is counter, timer (in seconds) or gauge."""
        ...

    def on_kill(self, stop: Callable[[], None]) -> None:
        """Call `stop` (from another thread) when the task is to end early; at once if that was already so."""
        ...


@runtime_checkable
class Task(Protocol):
    """A task type. `inline` True says that `run` touches nothing outside the store and ends at once: it is then run
    within the transaction that records its result."""

    @property
    def spec(self) -> TypeSpec:
        """The description of the type, by which flows are checked."""
        ...

    @property
    def inline(self) -> bool:
        """Whether `run` may be called inside a transaction."""
        ...

    def run(self, context: RunContext, properties: Properties) -> Outputs | Result | None:
        """Do it. Returns outputs, or a `Result` with more.

        Raises:
            TaskFailure: it failed. `Killed`, `TimedOut`: it was stopped. Anything else fails the task with its text.
        """
        ...
