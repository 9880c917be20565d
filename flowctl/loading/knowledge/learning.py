"""What one flow's text says, apart from where it stands: pure, so that it can be remembered and done elsewhere."""

from __future__ import annotations

from flowctl.flowtext.document import Document, YamlProblem, parse
from flowctl.flowtext.places import format_place
from flowctl.flowtext.splice import SpliceError, namespace_splice
from flowctl.flowtext.traps import find_traps
from flowctl.language.findings import Finding, Path
from flowctl.language.references import references
from flowctl.language.validation import check_flow
from flowctl.loading.knowledge.learned import Learned
from flowctl.loading.problems import Problems
from flowctl.loading.yaml_codes import explain, note_duplicates
from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.environment import Dialect

_SEVERITY: dict[str, Severity] = {"error": "error", "warning": "warning", "deprecation": "warning", "info": "info"}


def learn(text: str, namespace: str, dialect: Dialect) -> Learned:
    """Parse, check and look for references. Never raises, whatever the text is."""
    problems = Problems()
    try:
        document = parse(text)
    except YamlProblem as problem:
        code, summary, hint = explain(problem)
        problems.add(code, summary, path=None, at=(problem.line, problem.column), hint=hint)
        return Learned(None, problems=tuple(problems.noted))
    if document.value is None:
        problems.add(
            "F205", "there is nothing in this file", path=None, at=(1, 1), hint="write a flow, or remove the file"
        )
        return Learned(None, problems=tuple(problems.noted))
    _text_problems(text, document, problems)
    splice = _place(text, document, namespace, problems)
    value = document.value
    if isinstance(value, dict) and "namespace" not in value:
        value = {**value, "namespace": namespace}
    for finding in check_flow(value, dialect=dialect, strict_types=False):
        _add_finding(finding, document, value, problems)
    found = references(value) if isinstance(value, dict) else ()
    flow_id = value.get("id") if isinstance(value, dict) else None
    at, inserted = splice or (None, "")
    return Learned(flow_id if isinstance(flow_id, str) else None, at, inserted, found, _unique(problems.noted))


def _text_problems(text: str, document: Document, problems: Problems) -> None:
    note_duplicates(document, None, problems)
    for trap in find_traps(text, document):
        place = format_place(document.value, trap.path)
        problems.add(
            trap.code,
            trap.message,
            path=None,
            at=(trap.line, trap.column),
            hint=trap.hint,
            place=place,
            severity=trap.severity,
        )


def _place(text: str, document: Document, namespace: str, problems: Problems) -> tuple[int, str] | None:
    """Check what the text says of its place; where and what to insert when it says nothing."""
    value = document.value
    if not isinstance(value, dict):
        return None
    if "revision" in value:
        hint = "remove it: the server counts revisions itself"
        _at_key(document, problems, "F372", ("revision",), "`revision` does not belong into a flow's text", hint)
    stated = value.get("namespace")
    if "namespace" in value:
        if stated != namespace and stated is not None:
            hint = f"move the file, state `namespace: {namespace}`, or leave `namespace` out"
            summary = f"the flow states namespace `{stated}`, its directory means `{namespace}`"
            where = document.position(("namespace",))
            problems.add("F370", summary, path=None, at=(where.line, where.column), hint=hint, place="namespace")
        return None
    if not isinstance(value.get("id"), str):
        return None
    try:
        splice = namespace_splice(text, document, namespace)
    except SpliceError as error:
        _at_key(document, problems, "F378", ("id",), str(error), f"state it yourself: `namespace: {namespace}`")
        return None
    return splice.start, splice.text


def _at_key(document: Document, problems: Problems, code: str, path: Path, summary: str, hint: str) -> None:
    where = document.key_position(path)
    place = format_place(document.value, path)
    problems.add(code, summary, path=None, at=(where.line, where.column), hint=hint, place=place)


def _add_finding(finding: Finding, document: Document, value: object, problems: Problems) -> None:
    where = document.position(finding.path)
    place = format_place(value, finding.path)
    summary = finding.message if not place or place in finding.message else f"{place}: {finding.message}"
    problems.add(
        finding.code,
        summary,
        path=None,
        at=(where.line, where.column),
        hint=finding.hint,
        place=place or None,
        severity=_SEVERITY[finding.severity],
    )


def _unique(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """One problem of a kind at a place: a server says that a missing id is blank as well as null, once is enough."""
    return tuple({(problem.code, problem.place, problem.line, problem.column): problem for problem in found}.values())
