"""The client's check, in front of a server it knows nothing of."""

from __future__ import annotations

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.findings import Finding
from flowctl.language.validation import check_flow
from flowctl.language.validation.nulls import null_elements

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


def test_a_value_of_the_wrong_shape_is_said_in_a_sentence() -> None:
    [finding] = check("tasks: 5")
    assert finding.message == "cannot read `List` from Number `5` at tasks"


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


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("{{ outputs.x.exitCode }} != 0", ["F366"]),
        ("{{ outputs.x.exitCode != 0 }}", []),
        (" {{ inputs.a }} ", []),
        ("{% if inputs.a %}true{% endif %}", []),
        ("true", []),
    ],
)
def test_a_condition_with_text_around_its_braces_is_always_true(condition: str, codes: list[str]) -> None:
    text = f'tasks: [{{id: x, type: {LOG}, message: m, runIf: "{condition}"}}]'
    assert [finding.code for finding in check(text)] == codes


@pytest.mark.parametrize(
    ("kind", "cache", "codes"),
    [
        (f"{LOG}, message: m", "{enabled: true}", []),
        ("io.kestra.plugin.core.flow.Sleep, duration: PT1S", "{enabled: true}", ["F367"]),
        ("io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: f", "{enabled: true, ttl: PT1H}", ["F367"]),
        ("io.kestra.plugin.core.flow.Pause", '{enabled: "true"}', ["F367"]),
        ("io.kestra.plugin.core.flow.Pause", "{enabled: false}", []),
    ],
    ids=["a log", "a sleep", "a subflow", "a pause", "none"],
)
def test_a_task_without_work_of_its_own_has_no_cache(kind: str, cache: str, codes: list[str]) -> None:
    found = check(f"tasks: [{{id: x, type: {kind}, taskCache: {cache}}}]")
    assert [(finding.code, finding.severity) for finding in found] == [(code, "warning") for code in codes]


def test_a_finding_prints_as_one_line() -> None:
    [finding] = check(f"tasks: [{{id: x, type: {LOG}}}]")
    assert str(finding) == "x.message: must not be null; add `message:`"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("triggers: [{id: t, type: io.kestra.plugin.core.trigger.Flow, dependsOn: [null]}]", ("dependsOn", 0)),
        ("triggers: [{id: t, type: io.kestra.plugin.core.trigger.Flow, states: [SUCCESS, null]}]", ("states", 1)),
        (
            "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Flow, preconditions: {id: p, flows: [null]}}]",
            ("preconditions", "flows", 0),
        ),
        (
            "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Flow, conditions: "
            "[{type: io.kestra.plugin.core.condition.Or, conditions: [null]}]}]",
            ("conditions", 0, "conditions", 0),
        ),
    ],
)
def test_a_null_in_any_list_of_a_trigger_is_refused_once(text: str, path: tuple[str | int, ...]) -> None:
    tasks = f"\ntasks: [{{id: x, type: {LOG}, message: m}}]"
    nulls = [finding.path for finding in check(text + tasks) if finding.code == "F302"]
    assert nulls == [("triggers", 0, *path)]


def test_a_null_in_a_form() -> None:
    text = f"inputs: [{{id: f, type: FORM, inputs: [null]}}]\ntasks: [{{id: x, type: {LOG}, message: m}}]"
    assert [finding.path for finding in check(text)] == [("inputs", 0, "inputs", 0)]


def test_ids_that_are_too_long() -> None:
    long = "x" * 257
    text = f"tasks: [{{id: {long}, type: {LOG}, message: m}}]"
    [finding] = check(text)
    assert (finding.code, finding.message) == ("F317", "Task id must be at most 256 characters")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            "[{id: box.name, type: STRING}, {id: box, type: FORM, inputs: [{id: name, type: STRING}]}]",
            "Duplicate input path [box.name]",
        ),
        (
            "[{id: box, type: STRING}, {id: box.name, type: STRING}]",
            "Input path 'box' conflicts with 'box.name'; one cannot be nested under the other.",
        ),
    ],
)
def test_paths_of_inputs(inputs: str, message: str) -> None:
    [finding] = check(f"inputs: {inputs}\ntasks: [{{id: x, type: {LOG}, message: m}}]")
    assert (finding.code, finding.message) == ("F327", message)


def test_types_that_2_0_no_longer_has_as_items() -> None:
    text = f"inputs: [{{id: a, type: ARRAY, itemType: ENUM}}]\ntasks: [{{id: x, type: {LOG}, message: m}}]"
    assert [f.code for f in check_flow(parse(HEAD + text).value, dialect="2.0", strict_types=True)] == ["F315"]
    assert [f.code for f in check_flow(parse(HEAD + text).value, dialect="1.3", strict_types=True)] == []


def test_bounds_of_dates_are_read() -> None:
    text = f"inputs: [{{id: a, type: DATE, after: soon}}]\ntasks: [{{id: x, type: {LOG}, message: m}}]"
    assert said(text) == [("error", "F314")]


def test_null_elements_alone() -> None:
    text = (
        "inputs: [{id: f, type: FORM, inputs: [null]}]\nvariables: {a: [null]}\n"
        f"tasks: [{{id: x, type: {LOG}, message: [null]}}, null]\n"
        "triggers: [{id: t, type: a.B, conditions: [{type: c, conditions: [null]}], inputs: {a: [null]}}]"
    )
    found = null_elements(parse(HEAD + text).value)  # type: ignore[arg-type]  # a map
    assert [finding.path for finding in found] == [
        ("tasks", 1),
        ("triggers", 0, "conditions", 0, "conditions", 0),
        ("inputs", 0, "inputs", 0),
    ]


def test_what_is_to_happen_when_a_window_closes_is_taken_by_the_server_too() -> None:
    wait = "type: io.kestra.plugin.core.trigger.Flow, dependsOn: [{namespace: a, flowId: b}], window: {every: PT1H}"
    text = f"tasks: [{{id: y, type: {LOG}, message: m}}]\ntriggers: [{{id: t, {wait}, onMiss: {{behavior: FAIL}}}}]"
    assert said(text) == []
    assert said(text, strict=True) == []


def test_a_docker_runner_is_a_warning_of_the_server() -> None:
    runner = "taskRunner: {type: io.kestra.plugin.scripts.runner.docker.Docker, memory: {memory: 4GB}}"
    text = f"tasks: [{{id: s, type: io.kestra.plugin.scripts.python.Script, script: x, {runner}}}]"
    assert said(text) == []
    assert said(text, strict=True) == [("warning", "F364")]
    seed = (
        "tasks: [{id: s, type: io.kestra.plugin.scripts.python.Script, script: x, container: {image: p, memory: 4Gi}}]"
    )
    assert said(seed, strict=True) == [("warning", "F364"), ("deprecation", "F361")]


FLOW = "  - {{id: t, type: io.kestra.plugin.core.trigger.Flow, onMiss: {{behavior: FAIL}}, {}}}\n"
CHILD = "dependsOn: [{namespace: n, flowId: b}]"
NEVER = [
    CHILD,
    f"{CHILD}, window: {{lookback: PT1H}}",
    f"{CHILD}, window: {{fireOnce: true}}",
    "when: '{{ true }}'",
    "preconditions: {id: p, timeWindow: {type: SLIDING_WINDOW, window: PT1H}, flows: [{namespace: n, flowId: b}]}",
]
CLOSES = [
    f"{CHILD}, window: {{deadline: '09:00:00'}}",
    f"{CHILD}, window: {{from: '08:00:00', to: '09:00:00'}}",
    f"{CHILD}, window: {{every: P1D}}",
    "preconditions: {id: p, flows: [{namespace: n, flowId: b}]}",
    "preconditions: {id: p, timeWindow: {type: DAILY_TIME_DEADLINE, deadline: '09:00:00'}}",
]


@pytest.mark.parametrize("members", NEVER)
def test_on_miss_without_a_window_that_closes_is_a_warning(members: str) -> None:
    text = f"tasks: [{{id: x, type: {LOG}, message: m}}]\ntriggers:\n{FLOW.format(members)}"
    found = [one for one in check(text) if one.code == "F356"]
    assert [(one.severity, one.path) for one in found] == [("warning", ("triggers", 0, "onMiss"))]


@pytest.mark.parametrize("members", CLOSES)
def test_on_miss_with_a_window_that_closes_is_sound(members: str) -> None:
    text = f"tasks: [{{id: x, type: {LOG}, message: m}}]\ntriggers:\n{FLOW.format(members)}"
    assert [one for one in check(text) if one.code == "F356"] == []


def test_a_member_of_a_dag_that_waits_for_null_is_refused_at_its_place() -> None:
    members = f"[{{task: {{id: a, type: {LOG}, message: m}}}}, {{task: {{id: b, type: {LOG}, message: m}}, dependsOn: "
    found = check(f"tasks: [{{id: d, type: io.kestra.plugin.core.flow.Dag, tasks: {members}[a, null]}}]}}]")
    assert [(finding.code, finding.path) for finding in found] == [("F302", ("tasks", 0, "tasks", 1, "dependsOn", 1))]
