"""The flows of a Kestra server: revisions by listing, texts by one export."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping

from flowctl.flowtext.digests import text_digest
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveFlow
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects.flows import read_flow
from flowctl.remote.objects.listing import namespace_filter, rows
from flowctl.remote.times import from_iso

EXPORT = "/flows/export/by-query"


Listed = dict[FlowKey, Mapping[str, object]]
"""Rows of the listing, by flow."""


def list_flows(transport: Transport, pattern: str, wanted: Callable[[str], bool]) -> Listed:
    """The flows of a namespace pattern without their texts; `wanted` says which namespaces count."""
    found = rows(transport, "/flows/search", pattern, "id:asc")
    return {key: row for row in found if wanted((key := _key(row)).namespace)}


def with_texts(transport: Transport, pattern: str, listed: Listed) -> dict[FlowKey, LiveFlow]:
    """The listed flows of a namespace pattern with their texts.

    Listed first and exported after: when somebody saves in between, the revision is the older one, so that the fence
    of a later write notices.
    """
    texts = _export(transport, pattern) if listed else {}
    names = Counter(_entry(key) for key in listed)
    found = {}
    for key, row in listed.items():
        text = texts.get(_entry(key)) if names[_entry(key)] == 1 else None
        flow = _listed(key, row, text) if text is not None else read_flow(transport, key)
        if flow is not None:
            found[key] = flow
    return found


def _entry(key: FlowKey) -> str:
    """A flow's name in the archive; two flows can share one (`a-b`/`c` and `a`/`b-c`), those are read one by one."""
    return f"{key.namespace}-{key.id}.yml"


def _export(transport: Transport, pattern: str) -> dict[str, str]:
    """Texts by entry name; empty when the server has no export, and flows are then read one by one."""
    answer = transport.get(transport.tenant(EXPORT), params=namespace_filter(pattern), expect=(404, 405))
    if answer.status >= 400:
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeDecodeError):
        raise failures.not_json(answer.asked, answer.body, answer.headers.get("content-type", "")) from None


def _key(row: Mapping[str, object]) -> FlowKey:
    return FlowKey(str(row.get("namespace")), str(row.get("id")))


def _listed(key: FlowKey, row: Mapping[str, object], text: str) -> LiveFlow:
    revision = row.get("revision")
    return LiveFlow(
        key,
        revision if isinstance(revision, int) else 0,
        text_digest(text),
        disabled=row.get("disabled") is True,
        source=text,
        updated=from_iso(row.get("updated")),
    )
