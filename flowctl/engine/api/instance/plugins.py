"""The catalogue of types over HTTP: lists, documentation and schemas for editors."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from flowctl import __version__
from flowctl.engine.api.http.endpoint import Endpoint, Scope, reads
from flowctl.engine.api.http.problems import not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.paging import page_of
from flowctl.language.types import TypeSpec, all_types, find_type
from flowctl.language.types.inputs import TYPES as INPUTS

CORE = "io.kestra.plugin."
LISTED = {"task": "tasks", "trigger": "triggers", "condition": "conditions", "runner": "taskRunners"}
INPUT_PACKAGE = "io.kestra.core.models.flows.input"
WHOLE_LIST = 10_000
SCHEMAS = {"flow": "", "task": "tasks", "trigger": "triggers"}
"""What there is a schema of, and the definition that holds it where that is not the whole."""


async def plugins(request: ApiRequest) -> Response:
    """`GET /plugins`: 2.0 paged, 1.x an array."""
    groups = grouped(all_types())
    if not request.context.dialect.paged_plugins:
        return json_response(groups)
    page = page_of(request, default_size=WHOLE_LIST)
    return json_response({"results": groups[page.offset : page.offset + page.size], "total": len(groups)})


def grouped(specs: Iterable[TypeSpec]) -> list[dict[str, object]]:
    """One entry per plugin, with its types."""
    groups: dict[str, dict[str, list[dict[str, object]]]] = {}
    for spec in specs:
        if spec.kind in LISTED:
            lists = groups.setdefault(_group(spec.name), {name: [] for name in LISTED.values()})
            lists[LISTED[spec.kind]].append(
                {"cls": spec.name, "title": spec.title, "deprecated": bool(spec.deprecated)}
            )
    return [
        {
            "name": name.rpartition(".")[2],
            "title": name.rpartition(".")[2],
            "group": name,
            "version": __version__,
            **lists,
        }
        for name, lists in sorted(groups.items())
    ]


def _group(name: str) -> str:
    """The plugin that a type belongs to: `io.kestra.plugin.core` of all core types, the package of others."""
    if name.startswith(CORE):
        return CORE + name.removeprefix(CORE).split(".", 1)[0]
    return name.rpartition(".")[0] or name


async def plugin(request: ApiRequest) -> Response:
    """`GET /plugins/{class}`: its documentation and its schema."""
    name = request.params["type"]
    found = find_type(name, request.context.dialect.name)
    if found is None:
        raise not_found(f"Unable to find plugin {name}")
    from flowctl.language.schema import outputs_schema, type_schema

    dialect = request.context.dialect.name
    schema = type_schema(found.spec, dialect) | {"outputs": outputs_schema(found.spec, dialect)}
    return json_response({"markdown": markdown(found.spec), "schema": schema})


def markdown(spec: TypeSpec) -> str:
    """A page about a type: its title, properties and outputs."""
    lines = [f"# {spec.name}", "", spec.title, ""]
    for heading, members in (("Properties", spec.properties), ("Outputs", spec.outputs)):
        if members:
            lines += [f"## {heading}", ""]
            for name, member in members.items():
                required = ", required" if member.required else ""
                lines.append(f"- `{name}` ({member.type}{required}) {member.description}".rstrip())
            lines.append("")
    return "\n".join(lines)


async def schema(request: ApiRequest) -> Response:
    """`GET /plugins/schemas/{type}`: JSON Schema of a flow, a task or a trigger."""
    if request.params["type"] not in SCHEMAS:
        raise not_found(f"no schema of {request.params['type']!r}; one of {', '.join(SCHEMAS)}")
    return json_response(_schema(request, request.params["type"]))


def _schema(request: ApiRequest, word: str) -> dict[str, object]:
    """The schema of a word, or with `arrayOf` that of a list of it."""
    from flowctl.language.schema import flow_schema

    whole = dict(flow_schema(request.context.dialect.name))
    flow = whole.pop("$ref")
    one = {"$ref": f"#/definitions/{SCHEMAS[word]}" if SCHEMAS[word] else flow}
    return whole | ({"type": "array", "items": one} if request.flag("arrayOf") else one)


async def inputs(request: ApiRequest) -> Response:
    """`GET /plugins/inputs`: the types of inputs."""
    return json_response([{"type": spec.name, "cls": f"{INPUT_PACKAGE}.{spec.name}"} for spec in INPUTS])


async def triggers(request: ApiRequest) -> Response:
    """`GET /plugins/triggers`, paged."""
    page = page_of(request, default_size=WHOLE_LIST)
    found = [{"cls": spec.name, "title": spec.title} for spec in all_types("trigger")]
    return json_response({"results": found[page.offset : page.offset + page.size], "total": len(found)})


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/plugins", plugins, scope=Scope.INSTANCE),
    reads("GET", "/plugins/inputs", inputs, scope=Scope.INSTANCE),
    reads("GET", "/plugins/triggers", triggers, scope=Scope.INSTANCE),
    reads("GET", "/plugins/schemas/{type}", schema, scope=Scope.INSTANCE),
    reads("GET", "/plugins/{type}", plugin, scope=Scope.INSTANCE),
)
