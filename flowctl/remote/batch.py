"""`POST /flowctl/batch`: many writes in one transaction, for servers that announce it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import orjson

from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Answer, Transport
from flowctl.remote.port import BatchOutcome, Conflict, Operation, Written

FORMAT = "1.0"
SHORTEST_TIMEOUT = 300.0
JSON = {"Content-Type": "application/json"}


def send_batch(transport: Transport, operations: Sequence[Operation], plan_id: str) -> BatchOutcome:
    """All operations or none. Not repeated here when the answer is lost: the caller looks what happened.

    Raises:
        ServerRefused: S206 with what is unsound in which operation.
    """
    body = {"format": FORMAT, "planId": plan_id, "operations": [_wire(operation) for operation in operations]}
    answer = transport.send(
        "POST",
        transport.tenant("/flowctl/batch"),
        content=orjson.dumps(body),
        headers=JSON,
        expect=(409,),
        timeout=SHORTEST_TIMEOUT,
    )
    if answer.status == 409:
        return BatchOutcome(conflicts=_conflicts(answer, operations))
    return BatchOutcome(written=_results(answer, len(operations)))


def _wire(operation: Operation) -> dict[str, object]:
    key = operation.key
    if isinstance(key, FlowKey):
        return _flow(key, operation)
    body = _file(key, operation) if isinstance(key, FileKey) else _value(key, operation)
    if operation.check:
        body["expectedDigest"] = operation.expected_digest
    return body


def _flow(key: FlowKey, operation: Operation) -> dict[str, object]:
    body: dict[str, object] = {"namespace": key.namespace, "id": key.id}
    if operation.check:
        body["expectedRevision"] = operation.expected_revision
    if operation.delete:
        return {"op": "delete-flow"} | body
    return {"op": "put-flow", "source": operation.source} | body


def _file(key: FileKey, operation: Operation) -> dict[str, object]:
    body: dict[str, object] = {"namespace": key.namespace, "path": key.path}
    if operation.delete:
        return {"op": "delete-file"} | body
    content = base64.b64encode(operation.data or b"").decode("ascii")
    return {"op": "put-file", "content": content} | body


def _value(key: KvKey, operation: Operation) -> dict[str, object]:
    body: dict[str, object] = {"namespace": key.namespace, "key": key.key}
    if operation.delete:
        return {"op": "delete-kv"} | body
    body |= {"op": "put-kv", "type": operation.type, "value": operation.value}
    if operation.ttl is not None:
        body["ttl"] = operation.ttl
    if operation.description is not None:
        body["description"] = operation.description
    return body


def _results(answer: Answer, count: int) -> tuple[Written, ...]:
    items = answer.mapping().get("results")
    if not isinstance(items, list) or len(items) != count:
        raise failures.odd_shape(answer.asked, f"expected {count} results")
    return tuple(_written(item) for item in items)


def _written(item: Mapping[str, object]) -> Written:
    revision, digest = item.get("revision"), item.get("digest")
    return Written(revision if isinstance(revision, int) else None, digest if isinstance(digest, str) else "")


def _conflicts(answer: Answer, operations: Sequence[Operation]) -> tuple[Conflict, ...]:
    items = answer.mapping().get("conflicts")
    if not isinstance(items, list) or not items:
        raise failures.refused(answer.asked, 409, answer.body, "application/json", None)
    return tuple(_conflict(item, operations) for item in items)


def _conflict(item: Mapping[str, object], operations: Sequence[Operation]) -> Conflict:
    index = item["index"]
    assert isinstance(index, int)
    return Conflict(operations[index].key, _shown(item.get("expected")), _shown(item.get("found")))


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
