"""The key-value store: values read and written with their types, and their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from flowctl.errors import ServerRefused
from flowctl.flowtext.digests import kv_digest
from flowctl.model.keys import KvKey
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import paths
from flowctl.remote.objects.listing import filtered_rows
from flowctl.remote.port import Written

# A server reads the type off the text it is sent: a text in quotes, moments and durations bare.
BARE = frozenset({"DATETIME", "DATE", "DURATION"})
GONE = (404, 410)


def read_value(transport: Transport, key: KvKey) -> tuple[str, object] | None:
    """Type and value, or None when the key is absent or its time is over.

    Raises:
        ServerUnreachable: S210, the answer has no type.
    """
    answer = transport.send("GET", transport.tenant(paths.value(key)), expect=GONE, private=True)
    if answer.status in GONE:
        return None
    body = answer.mapping()
    kind = body.get("type")
    if not isinstance(kind, str):
        raise failures.odd_shape(answer.asked, "a value without a type")
    return kind, body.get("value")


def read_descriptions(transport: Transport, namespaces: Iterable[str]) -> dict[KvKey, str]:
    """What the key-values of some namespaces are described as; those without a description are left out. A server
    older than descriptions (1.0) has no such listing, and none of them.

    Raises:
        ServerUnreachable: S210, the answer is no listing.
    """
    found: dict[KvKey, str] = {}
    for namespace in namespaces:
        try:
            for row in filtered_rows(transport, "/kv", {"filters[namespace][EQUALS]": namespace}, "key:asc"):
                if row.get("namespace") == namespace and isinstance(said := row.get("description"), str):
                    found[KvKey(namespace, str(row.get("key")))] = said
        except ServerRefused as error:
            if error.status not in GONE:
                raise
    return found


def put_value(
    transport: Transport, key: KvKey, kind: str, value: object, ttl: str | None, description: str | None
) -> Written:
    """Write a value, whatever was there; repeating this is safe."""
    transport.send(
        "PUT",
        transport.tenant(paths.value(key)),
        content=sent_text(kind, value).encode(),
        headers=_headers(ttl, description),
        private=True,
    )
    return Written(None, kv_digest(kind, value))


def sent_text(kind: str, value: object) -> str:
    """The text that a server reads as this type and value."""
    if kind in BARE and isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _headers(ttl: str | None, description: str | None) -> Mapping[str, str | bytes]:
    headers: dict[str, str | bytes] = {"Content-Type": "text/plain"}
    if ttl:
        headers["ttl"] = ttl
    if description:
        headers["description"] = " ".join(description.split()).encode()
    return headers


def delete_value(transport: Transport, key: KvKey) -> bool:
    """Delete a key; False when there was none."""
    answer = transport.send("DELETE", transport.tenant(paths.value(key)), expect=(404,))
    return answer.status != 404 and answer.body.strip() != b"false"
