"""What a task reaches through its context: files, key-values, files of namespaces, and other executions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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
