"""Single objects as they are on the server now."""

from __future__ import annotations

from flowctl.flowtext.digests import bytes_digest, kv_digest
from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.live import LiveFile, LiveKeyValue, LiveObject
from flowctl.remote.port import Server


def read_live(server: Server, key: ObjectKey) -> LiveObject | None:
    """An object as it is now, or None. Values are digested at once."""
    if isinstance(key, FlowKey):
        return server.read_flow(key)
    if isinstance(key, FileKey):
        data = server.read_file(key)
        return None if data is None else LiveFile(key, bytes_digest(data), len(data))
    found = server.read_value(key)
    return None if found is None else LiveKeyValue(key, found[0], kv_digest(*found))
