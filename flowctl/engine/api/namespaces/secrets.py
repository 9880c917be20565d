"""Secrets over the API: names come out, values only go in."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.engine.api.http.endpoint import Endpoint, Scope, reads, writes
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.paging import page_of
from flowctl.engine.api.runtime import executor_of

if TYPE_CHECKING:
    from flowctl.engine.secrets.vault import Entry, Vault

PREFIX = "SECRET_"
LARGEST = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}")


def _vault(request: ApiRequest) -> Vault:
    return executor_of(request.context).services.vault


def from_environment() -> list[str]:
    """The names of the secrets in the server's environment."""
    return sorted(name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX))


async def listing(request: ApiRequest) -> Response:
    """`GET /secrets`: names, paged; those of the server's environment have no namespace."""
    page = page_of(request)
    stored = await asyncio.to_thread(_vault(request).entries)
    rows: list[dict[str, object]] = [{"key": name} for name in from_environment()]
    for entry in stored:
        row: dict[str, object] = {"key": entry.key, "namespace": entry.namespace}
        rows.append(row | ({"description": entry.description} if entry.description else {}))
    rows.sort(key=lambda row: (str(row["key"]), str(row.get("namespace", ""))))
    part = rows[page.offset : page.offset + page.size]
    return json_response({"readOnly": False, "results": part, "total": len(rows)})


async def inherited(request: ApiRequest) -> Response:
    """`GET /namespaces/{ns}/inherited-secrets`: by namespace, the names that are seen there."""
    namespace = request.params["namespace"]
    found = await asyncio.to_thread(_vault(request).inherited, namespace)
    own = sorted({*found.pop(namespace, []), *from_environment()})
    return json_response({namespace: own} | found)


async def put(request: ApiRequest) -> Response:
    """`PUT /namespaces/{ns}/secrets` with `{key, value, description}`; answers the namespace's names."""
    body = await request.json()
    key, value = (body.get("key"), body.get("value")) if isinstance(body, dict) else (None, None)
    if not isinstance(key, str) or not _NAME.fullmatch(key):
        raise illegal_argument("key must begin with a letter or digit and hold only letters, digits, '.', '_' and '-'")
    if not isinstance(value, str) or not value or len(value) > LARGEST:
        raise illegal_argument(f"value must be a text of 1 to {LARGEST} characters")
    told = body.get("description") if isinstance(body, dict) else None
    namespace, vault = request.params["namespace"], _vault(request)
    await asyncio.to_thread(vault.put, namespace, key, value, told if isinstance(told, str) else None)
    return json_response(_names(vault, namespace))


async def patch(request: ApiRequest) -> Response:
    """`PATCH /namespaces/{ns}/secrets/{key}` with `{description}`, null for none; answers the namespace's secrets.

    The value stays, and is refused here rather than dropped; 404 when there is no such secret.
    """
    body = await request.json()
    if not isinstance(body, dict) or "description" not in body:
        raise illegal_argument("description is missing: it is what can be changed of a secret without its value")
    if "value" in body:
        raise illegal_argument("value cannot be changed here: use PUT on the secrets of the namespace")
    told = body["description"]
    if told is not None and not isinstance(told, str):
        raise illegal_argument("description must be a text or null")
    namespace, key, vault = request.params["namespace"], request.params["key"], _vault(request)
    if not await asyncio.to_thread(vault.describe, namespace, key, told):
        raise not_found(f"secret {key} of namespace {namespace}")
    found = [entry for entry in vault.entries() if entry.namespace == namespace]
    return json_response([_meta(entry) for entry in found])


def _meta(entry: Entry) -> dict[str, object]:
    """A secret as clients of 2.0 read it; tags are not kept."""
    told = {"description": entry.description} if entry.description is not None else {}
    return {"key": entry.key, "namespace": entry.namespace, **told, "tags": []}


def _names(vault: Vault, namespace: str) -> list[str]:
    return [entry.key for entry in vault.entries() if entry.namespace == namespace]


async def delete(request: ApiRequest) -> Response:
    """`DELETE /namespaces/{ns}/secrets/{key}`: 204; 404 when there is none."""
    namespace, key = request.params["namespace"], request.params["key"]
    if not await asyncio.to_thread(_vault(request).delete, namespace, key):
        raise not_found(f"secret {key} of namespace {namespace}")
    return Response(status_code=204)


async def rotate(request: ApiRequest) -> Response:
    """`POST /api/v1/flowctl/secrets/rotate`: seal all with a new key; `{count}`."""
    return json_response({"count": await asyncio.to_thread(_vault(request).rotate)})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/secrets", listing),
    reads("GET", "/namespaces/{namespace}/inherited-secrets", inherited),
    writes("PUT", "/namespaces/{namespace}/secrets", put),
    writes("PATCH", "/namespaces/{namespace}/secrets/{key}", patch),
    writes("DELETE", "/namespaces/{namespace}/secrets/{key}", delete),
    writes("POST", "/flowctl/secrets/rotate", rotate, scope=Scope.BOTH),
)
