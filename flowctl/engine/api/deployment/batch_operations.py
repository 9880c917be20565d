"""The operations of a batch: read from JSON, checked, then applied inside one transaction."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.api.namespaces.kv_values import KEY_RULE, TYPES, parse_duration_ms, valid_key
from flowctl.engine.api.namespaces.paths import InvalidPath, clean
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import files, flows, key_values
from flowctl.engine.store.tables.flow_rows import NewFlow

Error = tuple[int, str, str]
Fence = int | str | None


class Unsound(Exception):
    """An operation that cannot be carried out; `errors` are `(path, message)`."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("unsound")
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an operation. `followers_touched` when a flow has or had triggers."""

    revision: int | None
    digest: str | None
    followers_touched: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The object of an operation and its fence. Unless `fenced`, it is written whatever is there."""

    namespace: str
    name: str
    fenced: bool = False
    expected: Fence = None


@dataclass(frozen=True)
class Operation(ABC):
    """One write. Its target's `expected` is a revision of flows, a digest of all else."""

    target: Target
    kind = ""

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return self.target.namespace

    @property
    def name(self) -> str:
        """The flow's id, the file's path or the key."""
        return self.target.name

    @property
    def address(self) -> str:
        """The object's address, as plans write it."""
        separator = "/" if self.kind == "flow" else ":"
        return f"{self.kind} {self.namespace}{separator}{self.name}"

    @abstractmethod
    def current(self, connection: sqlite3.Connection, now_ms: int) -> Fence:
        """What the fence is held against: 0 for a flow, None for anything else that is not there."""

    @abstractmethod
    def apply(self, connection: sqlite3.Connection, now_ms: int) -> Done:
        """Write."""


@dataclass(frozen=True)
class FlowOperation(Operation):
    """Save a flow, or delete it (`flow` None). The fence is the newest revision, a tombstone's included."""

    flow: NewFlow | None
    kind = "flow"

    def current(self, connection: sqlite3.Connection, now_ms: int) -> Fence:
        head = flows.head(connection, self.namespace, self.name)
        return head.revision if head else 0

    def apply(self, connection: sqlite3.Connection, now_ms: int) -> Done:
        if self.flow:
            saved = flows.save(connection, self.flow, now_ms)
            return Done(saved.row.revision, saved.row.digest, saved.followers_touched)
        gone = flows.delete(connection, self.namespace, self.name, now_ms)
        head = flows.head(connection, self.namespace, self.name)
        return Done(head.revision if head else None, None, bool(gone and gone.has_followers))


@dataclass(frozen=True)
class FileOperation(Operation):
    """Write a namespace file, or delete it (`data` None)."""

    data: bytes | None
    kind = "file"

    def current(self, connection: sqlite3.Connection, now_ms: int) -> Fence:
        row = files.find(connection, self.namespace, self.name)
        return row.digest if row else None

    def apply(self, connection: sqlite3.Connection, now_ms: int) -> Done:
        if self.data is None:
            files.delete(connection, self.namespace, self.name, now_ms)
            return Done(None, None)
        row = files.put(connection, self.namespace, self.name, self.data, now_ms)
        return Done(None, row.digest)


@dataclass(frozen=True)
class ValueOperation(Operation):
    """Write a key-value pair, or delete it (`type` None)."""

    type: str | None
    value: object = None
    ttl_ms: int | None = None
    description: str | None = None
    kind = "kv"

    def current(self, connection: sqlite3.Connection, now_ms: int) -> Fence:
        row = key_values.get(connection, self.namespace, self.name)
        return row.digest if row and not row.expired(now_ms) else None

    def apply(self, connection: sqlite3.Connection, now_ms: int) -> Done:
        if self.type is None:
            key_values.delete(connection, self.namespace, [self.name], now_ms)
            return Done(None, None)
        row = key_values.put(
            connection,
            self.namespace,
            self.name,
            self.type,
            self.value,
            now_ms,
            ttl_ms=self.ttl_ms,
            description=self.description,
        )
        return Done(row.revision, row.digest)


def read_operations(items: object, checker: FlowChecker, value_bytes: int) -> tuple[list[Operation], list[Error]]:
    """The operations of a batch, and what is wrong with each as `(index, path, message)`."""
    if not isinstance(items, list):
        return [], [(0, "", "operations must be a list")]
    operations: list[Operation] = []
    errors: list[Error] = []
    seen: set[str] = set()
    for index, item in enumerate(items):
        try:
            operation = _read(item, checker, value_bytes)
            if operation.address in seen:
                raise Unsound(("", f"{operation.address} is in the batch twice"))
            seen.add(operation.address)
            operations.append(operation)
        except Unsound as error:
            errors += [(index, path, message) for path, message in error.errors]
    return operations, errors


Item = Mapping[str, object]


def _read(item: object, checker: FlowChecker, value_bytes: int) -> Operation:
    if not isinstance(item, dict):
        raise Unsound(("", "an operation must be a map"))
    word = item.get("op")
    readers: dict[object, Callable[[], Operation]] = {
        "put-flow": lambda: _put_flow(item, checker),
        "delete-flow": lambda: FlowOperation(_flow_target(item), None),
        "put-file": lambda: _put_file(item),
        "delete-file": lambda: FileOperation(_file_target(item), None),
        "put-kv": lambda: _put_value(item, value_bytes),
        "delete-kv": lambda: ValueOperation(_target(item, "key"), None),
    }
    if word not in readers:
        raise Unsound((".op", f"unknown operation {word!r}; one of {', '.join(map(str, readers))}"))
    return readers[word]()


def _put_flow(item: Item, checker: FlowChecker) -> Operation:
    target, source = _flow_target(item), _text(item, "source")
    checked = checker.check(source)
    if checked.flow is None:
        raise Unsound(*((f".source.{error.path}", error.message) for error in checked.error_items()))
    if (checked.flow.namespace, checked.flow.id) != (target.namespace, target.name):
        told = f"{checked.flow.namespace}/{checked.flow.id}"
        raise Unsound((".source", f"the text is of flow {told}, not {target.namespace}/{target.name}"))
    return FlowOperation(target, checked.flow)


def _put_file(item: Item) -> Operation:
    try:
        data = base64.b64decode(_text(item, "content"), validate=True)
    except (binascii.Error, ValueError):
        raise Unsound((".content", "not base64")) from None
    return FileOperation(_file_target(item), data)


def _put_value(item: Item, value_bytes: int) -> Operation:
    target, kind = _target(item, "key"), _text(item, "type")
    if not valid_key(target.name):
        raise Unsound((".key", KEY_RULE))
    if kind not in TYPES:
        raise Unsound((".type", f"unknown type {kind!r}; one of {', '.join(sorted(TYPES))}"))
    if len(dump(item.get("value"))) > value_bytes:
        raise Unsound((".value", f"a value may have at most {value_bytes} bytes"))
    description = item.get("description")
    return ValueOperation(
        target, kind, item.get("value"), _ttl(item), description if isinstance(description, str) else None
    )


def _ttl(item: Item) -> int | None:
    text = item.get("ttl")
    if text is None:
        return None
    milliseconds = parse_duration_ms(text) if isinstance(text, str) else None
    if milliseconds is None:
        raise Unsound((".ttl", f"not an ISO-8601 duration: {text!r}"))
    return milliseconds


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or (not value and name not in ("content", "source")):
        raise Unsound((f".{name}", f"must be a text, found {type(value).__name__}"))
    return value


def _flow_target(item: Item) -> Target:
    """`expectedRevision`: absent or null is no fence, 0 means that the flow must never have existed."""
    expected = item.get("expectedRevision")
    if expected is not None and (not isinstance(expected, int) or isinstance(expected, bool)):
        raise Unsound((".expectedRevision", "must be a whole number"))
    return Target(_text(item, "namespace"), _text(item, "id"), expected is not None, expected)


def _file_target(item: Item) -> Target:
    target = _target(item, "path")
    try:
        return replace(target, name=clean(target.name))
    except InvalidPath as error:
        raise Unsound((".path", str(error))) from None


def _target(item: Item, name: str) -> Target:
    """`expectedDigest`: absent is no fence, null means that there must be nothing."""
    expected = item.get("expectedDigest")
    if expected is not None and not isinstance(expected, str):
        raise Unsound((".expectedDigest", "must be a text or null"))
    return Target(_text(item, "namespace"), _text(item, name), "expectedDigest" in item, expected)
