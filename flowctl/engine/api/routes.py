"""The route table: each resource's module contributes its `ENDPOINTS`."""

from __future__ import annotations

from flowctl.engine.api import batch, flows, instance, state
from flowctl.engine.api.endpoint import Endpoint


def all_endpoints() -> tuple[Endpoint, ...]:
    """Every route of every dialect."""
    modules = (flows, instance, state, batch)
    return tuple(endpoint for module in modules for endpoint in module.ENDPOINTS)
