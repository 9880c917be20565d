"""`POST /flows/validate` and its kin: always 200, one verdict per document."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence

from starlette.datastructures import UploadFile
from starlette.responses import Response

from flowctl.engine.api.flows.checking import CheckedFlow
from flowctl.engine.api.flows.documents import for_validation
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import Problem, illegal_argument
from flowctl.engine.api.http.request import YAML_TYPES, ApiRequest, decode, json_response
from flowctl.engine.store.jsontext import load
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import Head
from flowctl.flowtext.document import YamlProblem, parse
from flowctl.language.findings import Finding
from flowctl.language.validation import SERVER_WARNINGS, check_flow, constraint_text

MOST_DOCUMENTS = 20_000
SECTIONS = ("tasks", "triggers")
Known = dict[tuple[str, str], Head | None]


async def validate(request: ApiRequest) -> Response:
    """Documents separated by `---`, or multipart parts named `flows`."""
    named = await _documents(request)
    if len(named) > MOST_DOCUMENTS:
        raise illegal_argument(f"at most {MOST_DOCUMENTS} documents, found {len(named)}")
    return json_response(await asyncio.to_thread(_verdicts, request, named))


async def _documents(request: ApiRequest) -> list[tuple[str | None, str]]:
    if request.media_type() == "multipart/form-data":
        form = await request.form_up_to(request.context.limits.bulk_bytes)
        parts = [part for part in form.getlist("flows") if isinstance(part, UploadFile)]
        return [(part.filename, text) for part in parts for text in for_validation(decode(await part.read()))]
    text = await request.yaml_text(request.context.limits.bulk_bytes)
    return [(None, part) for part in for_validation(text)]


def _verdicts(request: ApiRequest, named: Sequence[tuple[str | None, str]]) -> list[dict[str, object]]:
    checked = [(name, request.context.checker.check(text)) for name, text in named]
    wanted = {(item.namespace, item.id) for _, item in checked if item.namespace and item.id}
    wanted |= {(reference[1], reference[2]) for _, item in checked if item.flow for reference in item.flow.references}

    def read(connection: sqlite3.Connection) -> Known:
        return {
            (namespace, id_): flows.head(connection, namespace, id_) for namespace, id_ in wanted if namespace and id_
        }

    known = request.context.store.read(read)
    shown = request.context.dialect.name == "lenient"
    return [verdict(index, item, known, name, more=shown) for index, (name, item) in enumerate(checked)]


def verdict(
    index: int, checked: CheckedFlow, known: Known, filename: str | None = None, *, more: bool = True
) -> dict[str, object]:
    """One item of the answer. `known` are the newest revisions of the flow and of those it names.

    `more`: say also what a real server does not look at or tell (seen): which expressions do not parse, and how old
    spellings are written today.
    """
    body: dict[str, object] = {"index": index, "outdated": _outdated(checked, known)}
    if filename:
        body["filename"] = filename
    constraints = checked.constraints()
    if constraints:
        body["constraints"] = constraints
    if checked.unreadable:
        return body
    if checked.id is not None:
        body["flow"] = checked.id
    if checked.namespace is not None:
        body["namespace"] = checked.namespace
    body["deprecationPaths"] = [dotted(item) for item in checked.findings if item.severity == "deprecation"]
    body["warnings"] = [*_warnings(checked, expressions=more), *_missing(checked, known)]
    body["infos"] = [*_infos(checked), *(_modern(checked) if more else ())]
    return body


def _infos(checked: CheckedFlow) -> list[str]:
    return [item.message for item in checked.findings if item.severity == "info"]


def _modern(checked: CheckedFlow) -> Iterator[str]:
    """Old spellings with what is written today; those that an info tells are left out."""
    told = {item.path[:-1] for item in checked.findings if item.severity == "info"}
    for item in checked.findings:
        if item.severity == "deprecation" and item.path not in told:
            yield f"{dotted(item)}: {item.message}; {item.hint}"


def _outdated(checked: CheckedFlow, known: Known) -> bool:
    if checked.revision is None or checked.id is None or checked.namespace is None:
        return False
    head = known.get((checked.namespace, checked.id))
    return checked.revision != (head.revision if head else 0) + 1


def _warnings(checked: CheckedFlow, *, expressions: bool) -> list[str]:
    return [
        f"{item.shown or dotted(item)}: {item.message}" if item.path and item.family != "flow" else item.message
        for item in checked.findings
        if item.severity == "warning" and (expressions or item.code in SERVER_WARNINGS)
    ]


def _missing(checked: CheckedFlow, known: Known) -> list[str]:
    found = []
    for relation, namespace, id_ in checked.flow.references if checked.flow else ():
        if relation != "subflow" or (namespace, id_) == (checked.namespace, checked.id):
            continue
        head = known.get((namespace, id_))
        if head is None or head.deleted:
            found.append(f"The subflow '{id_}' not found in namespace '{namespace}'.")
        elif head.disabled:
            found.append(f"The subflow '{id_}' is disabled in namespace '{namespace}'.")
    return found


def dotted(item: Finding) -> str:
    """A finding's path by index: `tasks[1].message`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in item.path).lstrip(".")


async def validate_task(request: ApiRequest) -> Response:
    """`POST /flows/validate/task?section=TASKS|TRIGGERS`: one verdict, not a list; JSON or YAML."""
    section = request.query_params.get("section", "TASKS").lower()
    if section not in SECTIONS:
        raise illegal_argument(f"section must be TASKS or TRIGGERS, found {section!r}")
    return await _validate_part(request, section)


async def validate_trigger(request: ApiRequest) -> Response:
    """`POST /flows/validate/trigger`: one verdict."""
    return await _validate_part(request, "triggers")


async def _validate_part(request: ApiRequest, section: str) -> Response:
    body = await request.bytes_up_to(request.context.limits.flow_bytes)
    try:
        value = parse(decode(body)).value if request.media_type() in YAML_TYPES else load(body)
    except (YamlProblem, ValueError) as error:
        raise Problem(422, "invalid-json", str(error)) from None
    findings = part_findings(value, section, request)
    answer: dict[str, object] = {"index": 0, "outdated": False}
    text = constraint_text(findings)
    if text:
        answer["constraints"] = text
    return json_response(answer)


def part_findings(value: object, section: str, request: ApiRequest) -> list[Finding]:
    """What stands against one task or trigger, checked inside the smallest flow; places count from the part itself."""
    log = {"id": "flowctl-other", "type": "io.kestra.plugin.core.log.Log", "message": "x"}
    flow: dict[str, object] = {"id": "part", "namespace": "part", "tasks": [log]}
    flow[section] = [value]
    found = check_flow(flow, dialect=request.context.dialect.name, strict_types=True)
    return [_relative(item, f"{section}[0]") for item in found]


def _relative(item: Finding, prefix: str) -> Finding:
    shown = item.shown.removeprefix(prefix).lstrip(".") if item.shown.startswith(prefix) else item.shown
    return Finding(item.path[2:], item.message, item.severity, item.code, item.hint, shown, item.family)


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("POST", "/flows/validate", validate),
    reads("POST", "/flows/validate/task", validate_task),
    reads("POST", "/flows/validate/trigger", validate_trigger),
)
