"""The route table: each resource's module contributes its `ENDPOINTS`."""

from __future__ import annotations

from flowctl.engine.api import (
    batch,
    execution_actions,
    execution_bulk,
    execution_files,
    execution_search,
    execution_start,
    execution_views,
    executions,
    files,
    flow_bulk,
    flow_parts,
    flow_search,
    flow_selection,
    flow_transfer,
    flow_validation,
    flows,
    instance,
    kv,
    logs,
    metrics,
    namespaces,
    plugins,
    prometheus,
    secrets,
    state,
    streams,
    topology,
    trigger_actions,
    triggers,
    webhooks,
)
from flowctl.engine.api.endpoint import Endpoint


def all_endpoints() -> tuple[Endpoint, ...]:
    """Every route of every dialect."""
    modules = (
        flows,
        flow_search,
        flow_validation,
        flow_bulk,
        flow_selection,
        flow_transfer,
        flow_parts,
        topology,
        kv,
        files,
        namespaces,
        secrets,
        triggers,
        trigger_actions,
        webhooks,
        plugins,
        instance,
        prometheus,
        state,
        batch,
        execution_start,
        executions,
        execution_actions,
        execution_bulk,
        execution_search,
        execution_views,
        execution_files,
        logs,
        metrics,
        streams,
    )
    return tuple(endpoint for module in modules for endpoint in module.ENDPOINTS)
