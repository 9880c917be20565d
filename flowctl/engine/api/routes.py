"""The route table: each resource's module contributes its `ENDPOINTS`."""

from __future__ import annotations

from flowctl.engine.api.dashboards import charts
from flowctl.engine.api.dashboards import single as dashboards
from flowctl.engine.api.deployment import batch, state
from flowctl.engine.api.executions import actions as execution_actions
from flowctl.engine.api.executions import approvals, concurrency, logs, metrics, streams, webhooks
from flowctl.engine.api.executions import bulk as execution_bulk
from flowctl.engine.api.executions import catalogue as execution_catalogue
from flowctl.engine.api.executions import files as execution_files
from flowctl.engine.api.executions import search as execution_search
from flowctl.engine.api.executions import single as executions
from flowctl.engine.api.executions import starting as execution_start
from flowctl.engine.api.executions import views as execution_views
from flowctl.engine.api.flows import bulk as flow_bulk
from flowctl.engine.api.flows import expressions, source_replace, source_search, task_edits, topology
from flowctl.engine.api.flows import parts as flow_parts
from flowctl.engine.api.flows import search as flow_search
from flowctl.engine.api.flows import selection as flow_selection
from flowctl.engine.api.flows import single as flows
from flowctl.engine.api.flows import transfer as flow_transfer
from flowctl.engine.api.flows import validation as flow_validation
from flowctl.engine.api.http.endpoint import Endpoint
from flowctl.engine.api.instance import blueprints, instance, plugin_details, plugins, prometheus
from flowctl.engine.api.namespaces import files, kv, secrets
from flowctl.engine.api.namespaces import listing as namespaces
from flowctl.engine.api.triggers import actions as trigger_actions
from flowctl.engine.api.triggers import backfills
from flowctl.engine.api.triggers import listing as triggers

MODULES = (
    flows,
    flow_search,
    source_search,
    source_replace,
    flow_validation,
    flow_bulk,
    flow_selection,
    flow_transfer,
    flow_parts,
    task_edits,
    topology,
    kv,
    files,
    namespaces,
    secrets,
    triggers,
    trigger_actions,
    backfills,
    webhooks,
    plugins,
    plugin_details,
    instance,
    prometheus,
    state,
    batch,
    execution_start,
    executions,
    execution_actions,
    approvals,
    concurrency,
    expressions,
    execution_bulk,
    execution_catalogue,
    execution_search,
    execution_views,
    execution_files,
    logs,
    metrics,
    streams,
    dashboards,
    charts,
    blueprints,
)


def all_endpoints() -> tuple[Endpoint, ...]:
    """Every route of every dialect."""
    return tuple(endpoint for module in MODULES for endpoint in module.ENDPOINTS)
