"""Names of the objects flowctl manages: flows, namespace files and key-value pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "file", "kv"]


@dataclass(frozen=True, order=True, slots=True)
class FlowKey:
    """A flow's identity; immutable on every server. Written `NS/ID`."""

    namespace: str
    id: str

    kind: Kind = "flow"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.id}"

    @property
    def address(self) -> str:
        """The object's name in plans: `flow NS/ID`."""
        return f"flow {self}"


@dataclass(frozen=True, order=True, slots=True)
class FileKey:
    """A namespace file; `path` begins with a slash. Written `NS:/path`."""

    namespace: str
    path: str

    kind: Kind = "file"

    def __str__(self) -> str:
        return f"{self.namespace}:{self.path}"

    @property
    def address(self) -> str:
        """The object's name in plans: `file NS:/path`."""
        return f"file {self}"


@dataclass(frozen=True, order=True, slots=True)
class KvKey:
    """A key of a namespace's key-value store. Written `NS:KEY`."""

    namespace: str
    key: str

    kind: Kind = "kv"

    def __str__(self) -> str:
        return f"{self.namespace}:{self.key}"

    @property
    def address(self) -> str:
        """The object's name in plans: `kv NS:KEY`."""
        return f"kv {self}"


ObjectKey = FlowKey | FileKey | KvKey
TriggerKey = tuple[FlowKey, str]
"""A trigger: its flow and its id in there."""


def sort_key(key: ObjectKey) -> tuple[str, str, str]:
    """One total order over keys of all kinds: namespace, then files, flows, key-values, then name."""
    name = key.id if isinstance(key, FlowKey) else key.path if isinstance(key, FileKey) else key.key
    return key.namespace, key.kind, name


def parse_address(text: str) -> ObjectKey:
    """The key that `address` wrote.

    Raises:
        ValueError: `text` is not `flow NS/ID`, `file NS:/path` or `kv NS:KEY`.
    """
    kind, _, rest = text.partition(" ")
    if kind == "flow" and "/" in rest:
        namespace, _, name = rest.partition("/")
        return FlowKey(namespace, name)
    if kind in ("file", "kv") and ":" in rest:
        namespace, _, name = rest.partition(":")
        return FileKey(namespace, name) if kind == "file" else KvKey(namespace, name)
    raise ValueError(f"not an object address: {text!r}")
