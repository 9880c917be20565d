"""The client's check, in front of a server it knows nothing of."""

from __future__ import annotations

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.findings import Finding
from flowctl.language.validation import check_flow

HEAD = "id: a\nnamespace: n\n"
LOG = "io.kestra.plugin.core.log.Log"


def check(text: str, *, strict: bool = False) -> list[Finding]:
    return check_flow(parse(HEAD + text).value, strict_types=strict)


def said(text: str, *, strict: bool = False) -> list[tuple[str, str]]:
    return [(finding.severity, finding.code) for finding in check(text, strict=strict)]


def test_unknown_plugins_are_not_spoken_of() -> None:
    text = "tasks: [{id: x, type: com.example.Task, anything: {a: [1, null]}, tasks: [{a: 1}]}]"
    assert said(text) == []
    assert said(text, strict=True) == [("error", "F313")]


def test_tasks_inside_unknown_plugins_are_checked() -> None:
    text = f"tasks: [{{id: x, type: com.example.Group, tasks: [{{id: 'a b', type: {LOG}, message: m}}]}}]"
    assert said(text) == [("error", "F324")]


def test_plugins_known_by_name_are_no_matter_for_a_client() -> None:
    text = "tasks: [{id: x, type: io.kestra.plugin.aws.s3.Download, bucket: b, anything: 1}]"
    assert said(text) == []
    assert said(text, strict=True) == [("error", "F318")]


@pytest.mark.parametrize(
    ("task", "code", "hint"),
    [
        (f"{{id: x, type: {LOG}, mesage: m, message: m}}", "F312", "did you mean `message`?"),
        ("{id: x, type: io.kestra.plugin.core.log.Logg}", "F313", f"did you mean `{LOG}`?"),
        (f"{{id: x, type: {LOG}}}", "F311", "add `message:`"),
        (f"{{id: x, type: {LOG}, message: m, level: LOUD}}", "F349", "the task will fail here"),
    ],
)
def test_what_is_suspected_is_a_warning_with_a_hint(task: str, code: str, hint: str) -> None:
    [finding] = check(f"tasks: [{task}]")
    assert (finding.severity, finding.code, finding.hint) == ("warning", code, hint)


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("tasks: [{type: t}]", "F311", ("tasks", 0, "id")),
        ("tasks: [{id: x}]", "F313", ("tasks", 0, "type")),
        ("tasks: text", "F314", ("tasks",)),
        ("tasks: [text]", "F314", ("tasks", 0)),
        (f"tasks: [{{id: x, type: {LOG}, message: m, disabled: maybe}}]", "F314", ("tasks", 0, "disabled")),
        (f"tasks: [{{id: x, type: {LOG}, message: m}}]\nconcurrency: {{limit: 0}}", "F316", ("concurrency", "limit")),
        (f"tasks: [{{id: x, type: {LOG}, message: m}}]\nvariables: [1]", "F314", ("variables",)),
        (f"tasks: [{{id: x, type: {LOG}, message: m}}, null]", "F302", ("tasks", 1)),
    ],
)
def test_what_every_server_refuses_is_an_error_at_its_place(text: str, code: str, path: tuple[str | int, ...]) -> None:
    errors = [finding for finding in check(text) if finding.severity == "error"]
    assert {(finding.code, finding.path) for finding in errors} == {(code, path)}


def test_an_expression_that_does_not_parse_is_a_warning_for_both() -> None:
    text = f'tasks: [{{id: x, type: {LOG}, message: "a {{{{ 1 + }}}}"}}]'
    for strict in (False, True):
        [finding] = check(text, strict=strict)
        assert (finding.severity, finding.code, finding.path) == ("warning", "F351", ("tasks", 0, "message"))
        assert "line 1, column" in finding.message


def test_free_data_may_hold_anything() -> None:
    text = (
        "variables: {a: null, b: [null, {c: null}]}\nlabels: {a: b}\n"
        "tasks: [{id: x, type: io.kestra.plugin.core.output.OutputValues, values: {a: null, tasks: [null]}}]"
    )
    assert said(text) == []


def test_legacy_spellings_are_deprecations() -> None:
    text = "tasks: [{id: x, type: io.kestra.plugin.core.flow.ForEach, values: [a], tasks: [{id: y, type: t}]}]"
    assert said(text) == [("deprecation", "F361")]


def test_places_are_named_by_id_for_people_and_by_path_for_programs() -> None:
    text = (
        f"tasks: [{{id: outer, type: io.kestra.plugin.core.flow.Sequential, tasks: [{{id: in, type: {LOG}, x: 1}}]}}]"
    )
    found = {finding.code: finding for finding in check(text, strict=True)}
    assert found["F312"].path == ("tasks", 0, "tasks", 0, "x")
    assert found["F312"].message.endswith("at tasks[outer].tasks[in].x")
    assert found["F311"].shown == "in.message"


def test_reserved_ids() -> None:
    value = {"id": "resume", "namespace": "n", "tasks": [{"id": "x", "type": LOG, "message": "m"}]}
    verdicts = [
        [finding.severity for finding in check_flow(value, dialect=dialect, strict_types=strict)]
        for dialect, strict in (("lenient", False), ("lenient", True), ("1.3", True), ("2.0", True))  # type: ignore[arg-type]
    ]
    assert verdicts == [["error"], ["warning"], ["error"], []]
