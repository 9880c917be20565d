"""The texts that a server keeps of a flow."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.flowtext.digests import text_digest
from flowctl.model.history import FlowRevision
from flowctl.model.keys import FlowKey
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import paths
from flowctl.remote.times import from_iso

# 1.x and 2.0 hide what was deleted unless asked, 0.21 knows no such parameter.
DELETED_TOO = {"allowDelete": "true"}


def read_revisions(transport: Transport, key: FlowKey) -> tuple[FlowRevision, ...]:
    """All revisions of a flow but drafts, oldest first, tombstones included; none when the server never had it.

    Raises:
        ServerUnreachable: S210, the answer is no list of flows.
    """
    answer = transport.get(transport.tenant(paths.flow(key) + "/revisions"), params=DELETED_TOO, expect=(404,))
    rows = answer.json() if answer.status != 404 else []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise failures.odd_shape(answer.asked, "expected a list of revisions")
    found = [revision for row in rows if (revision := _revision(row)) is not None]
    return tuple(sorted(found, key=lambda one: (one.revision, one.deleted)))


def _revision(row: Mapping[str, object]) -> FlowRevision | None:
    number, source = row.get("revision"), row.get("source")
    if not isinstance(number, int) or not isinstance(source, str) or row.get("draft") is True:
        return None
    updated = from_iso(row.get("updated"))
    return FlowRevision(number, source, text_digest(source), updated, row.get("deleted") is True)
