"""Lines of the log that are a trigger's own: why it has started nothing. They belong to no execution."""

from __future__ import annotations

import logging

from flowctl.engine.executor.services import Services
from flowctl.engine.store.tables import logs
from flowctl.engine.store.tables.logs import LogLine

LOG = logging.getLogger("flowctl.scheduler")
LONGEST = 10_000


def say(services: Services, key: tuple[str, str, str], message: str) -> None:
    """Tell it the server's own log, and the store as soon as its writer gets there."""
    LOG.warning("trigger %s/%s/%s: %s", *key, message)
    namespace, flow_id, trigger_id = key
    text = services.masker.mask(message)[:LONGEST]
    at = services.clock()
    line = LogLine(None, namespace, flow_id, None, None, None, at, "WARN", text, "scheduler", trigger_id)
    services.store.write(lambda connection: logs.add(connection, [line]))
