"""The instance itself: `configs` as clients read it, and flowctl's own health routes."""

from __future__ import annotations

from starlette.responses import Response

from flowctl import __version__
from flowctl.engine.api.deployment.state import identity
from flowctl.engine.api.http.endpoint import Access, Endpoint, Scope, reads
from flowctl.engine.api.http.request import ApiRequest, json_response


async def configs(request: ApiRequest) -> Response:
    """`GET /api/v1/configs`: clients take `version` from it and, by that, their dialect."""
    dialect = request.context.dialect
    body: dict[str, object] = {
        "uuid": request.context.store.uuid,
        "version": dialect.version,
        "edition": "OSS",
        "commitId": "flowctl",
        "commitDate": "2026-01-01T00:00:00Z",
        "chartDefaultDuration": "P30D",
        "isCustomDashboardsEnabled": True,
        "isAnonymousUsageEnabled": False,
        "isUiAnonymousUsageEnabled": False,
        "isAiEnabled": False,
        "isAiApiKeyConfigured": False,
        "isBasicAuthInitialized": True,
        "isConcurrencyViewEnabled": False,
        "url": "",
        "preview": {"initial": 100, "max": 5000},
        "systemNamespace": "system",
        "hiddenLabelsPrefixes": ["system.", "internal."],
        "pluginsHash": __version__,
    }
    if dialect.new_triggers:
        body["flowTemplate"] = ""
    if dialect.old_triggers:
        body["isTemplateEnabled"] = False
    return json_response(body)


async def login_configs(request: ApiRequest) -> Response:
    """`GET /api/v1/configs/login`: public in the 2.0 release."""
    return json_response({"isBasicAuthInitialized": True})


async def health(request: ApiRequest) -> Response:
    """`GET /api/v1/flowctl/health`: the process answers."""
    return json_response({"status": "UP", "flowctl": __version__} | identity(request))


async def ready(request: ApiRequest) -> Response:
    """`GET /api/v1/flowctl/ready`: the store answers too; without credentials, and it tells nothing else."""
    request.context.store.read(lambda connection: connection.execute("SELECT 1").fetchone())
    return json_response({"status": "UP"})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/configs", configs, scope=Scope.INSTANCE),
    Endpoint("GET", "/configs/login", login_configs, Access.OPEN, Scope.INSTANCE),
    reads("GET", "/flowctl/health", health, scope=Scope.INSTANCE),
    Endpoint("GET", "/flowctl/ready", ready, Access.OPEN, Scope.INSTANCE),
)
