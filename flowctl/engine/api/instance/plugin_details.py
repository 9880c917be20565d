"""Parts of the catalogue of types over HTTP: one input type, shared properties, versions, subgroups.

No type has an icon here: the maps of icons are empty, a single icon is 404.
"""

from __future__ import annotations

from starlette.responses import Response

from flowctl import __version__
from flowctl.engine.api.http.endpoint import Endpoint, Scope, reads
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.instance.plugins import grouped, markdown, plugin
from flowctl.language.types import all_types, find_type
from flowctl.language.types.inputs import TYPES as INPUTS


async def input_type(request: ApiRequest) -> Response:
    """`GET /plugins/inputs/{type}`: documentation and schema of one type of inputs."""
    from flowctl.language.schema import type_schema

    name = request.params["type"]
    found = next((spec for spec in INPUTS if spec.name == name.upper()), None)
    if found is None:
        raise not_found(f"no input type {name!r}; one of {', '.join(spec.name for spec in INPUTS)}")
    schema = type_schema(found, request.context.dialect.name)
    return json_response({"markdown": markdown(found), "schema": schema})


async def properties(request: ApiRequest) -> Response:
    """`GET /plugins/properties/{type}`: those of a flow, or those that all tasks or all triggers have."""
    from flowctl.language.schema import flow_schema, type_schema

    word, dialect = request.params["type"], request.context.dialect.name
    if word == "flow":
        definitions = flow_schema(dialect)["definitions"]
        assert isinstance(definitions, dict)
        whole = definitions["io.kestra.core.models.flows.Flow"]
        return json_response({name: whole[name] for name in ("properties", "required") if name in whole})
    if word not in ("task", "trigger"):
        raise not_found(f"no properties of {word!r}; one of flow, task, trigger")
    specs = all_types("task") if word == "task" else all_types("trigger")
    schemas = [type_schema(spec, dialect)["properties"] for spec in specs]
    members = [schema for schema in schemas if isinstance(schema, dict)]
    shared = set.intersection(*(set(schema) for schema in members)) - {"type"}
    return json_response({"properties": {name: members[0][name] for name in members[0] if name in shared}})


async def versions(request: ApiRequest) -> Response:
    """`GET /plugins/{class}/versions`: flowctl's own, the only one."""
    return json_response({"type": _known(request), "versions": [__version__]})


async def of_version(request: ApiRequest) -> Response:
    """`GET /plugins/{class}/versions/{version}`: as `GET /plugins/{class}`."""
    _known(request)
    if request.params["version"] != __version__:
        raise not_found(f"no version {request.params['version']!r} of {request.params['type']}; there is {__version__}")
    return await plugin(request)


def _known(request: ApiRequest) -> str:
    name = request.params["type"]
    if find_type(name, request.context.dialect.name) is None:
        raise not_found(f"Unable to find plugin {name}")
    return name


async def subgroups(request: ApiRequest) -> Response:
    """`GET /plugins/groups/subgroups`: types by the package they are in."""
    packages: dict[str, list[dict[str, object]]] = {}
    for spec in all_types():
        packages.setdefault(spec.name.rpartition(".")[0], []).extend(grouped([spec]))
    found = []
    for package, items in sorted(packages.items()):
        if items:
            whole = items[0] | {"subGroup": package, "name": package.rpartition(".")[2]}
            for other in items[1:]:
                whole |= {name: [*_list(whole[name]), *_list(other[name])] for name in other if _list(other[name])}
            found.append(whole)
    return json_response(found)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


async def icons(request: ApiRequest) -> Response:
    """`GET /plugins/icons` and `/plugins/icons/groups`: by type; there are none."""
    return json_response({})


async def icon(request: ApiRequest) -> Response:
    """`GET /plugins/icons/{class}` and its `icon.svg`: 404."""
    raise not_found(f"{request.params['type']} has no icon")


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/plugins/inputs/{type}", input_type, scope=Scope.INSTANCE),
    reads("GET", "/plugins/properties/{type}", properties, scope=Scope.INSTANCE),
    reads("GET", "/plugins/groups/subgroups", subgroups, scope=Scope.INSTANCE),
    reads("GET", "/plugins/icons", icons, scope=Scope.INSTANCE),
    reads("GET", "/plugins/icons/groups", icons, scope=Scope.INSTANCE),
    reads("GET", "/plugins/icons/{type}", icon, scope=Scope.INSTANCE),
    reads("GET", "/plugins/icons/{type}/icon.svg", icon, scope=Scope.INSTANCE),
    reads("GET", "/plugins/{type}/versions", versions, scope=Scope.INSTANCE),
    reads("GET", "/plugins/{type}/versions/{version}", of_version, scope=Scope.INSTANCE),
)
