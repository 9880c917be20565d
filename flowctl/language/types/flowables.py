"""`io.kestra.plugin.core.flow.*`: tasks that hold tasks, and those that start other flows."""

from __future__ import annotations

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    ONLY_2,
    anything,
    choice,
    count,
    data,
    duration,
    flag,
    line,
    literal,
    mapping,
    moment,
    number,
    option,
    part,
    record,
    sequence,
    switch,
    table,
    text,
)
from flowctl.language.types.common import FILES, LEVELS, STATES, flowable, task
from flowctl.language.types.spec import PropertySpec, TypeSpec

_FLOW = "io.kestra.plugin.core.flow."
_OLD = "io.kestra.core.tasks.flows."
_EMPTY = "The 'tasks' property cannot be empty"
_TASKS = part("tasks", "The children.", required=True, empty_message=_EMPTY)
_CONCURRENT = number("How many children at a time; 0 is no limit.", default=0, minimum=0)
_ON_CHILD_FAILURE = choice("FAILED", "CANCELLED", "CONTINUE", dialects=ANNOUNCED)
_LABELS = part("labels", "Labels of the execution.")
_ITERATIONS = count("Iterations so far.")

_CALL: dict[str, PropertySpec] = {
    "namespace": line("Namespace of the flow.", required=True),
    "flowId": line("Id of the flow.", required=True),
    "revision": count("Revision of the flow; the latest by default.", minimum=1),
    "inputs": mapping("Inputs of the execution; rendered."),
    "labels": _LABELS,
    "wait": flag(True, "Wait for the end of the execution."),
    "transmitFailed": flag(True, "Fail when the execution failed."),
    "inheritLabels": switch(False, "Copy the labels of this execution."),
    "scheduleDate": moment("Start later."),
    "restartBehavior": choice("RETRY_FAILED", "NEW_EXECUTION", default="RETRY_FAILED"),
}

TYPES: tuple[TypeSpec, ...] = (
    flowable(_FLOW + "Sequential", "One task after the other.", {"tasks": _TASKS}, {"tasks": "list"}),
    flowable(
        _FLOW + "Parallel",
        "Tasks at the same time.",
        {"tasks": _TASKS, "concurrent": _CONCURRENT, "onChildFailure": _ON_CHILD_FAILURE},
        {"tasks": "list"},
    ),
    flowable(
        _FLOW + "Dag",
        "Tasks in the order of their dependencies.",
        {
            "tasks": part("dag", "Members: a task and the ids it depends on.", required=True),
            "concurrent": _CONCURRENT,
            "onChildFailure": _ON_CHILD_FAILURE,
        },
        {"tasks": "dag"},
    ),
    flowable(
        _FLOW + "If",
        "One of two branches.",
        {
            "condition": line("Anything but false, 0 and blank text is true.", required=True),
            "then": part("tasks", required=True, empty_message="The 'then' property cannot be empty"),
            "else": part("tasks"),
        },
        {"then": "list", "else": "list"},
        {"evaluationResult": flag(None, "What the condition was.")},
    ),
    flowable(
        _FLOW + "Switch",
        "One branch by a value.",
        {"value": text(required=True), "cases": part("cases"), "defaults": part("tasks")},
        {"cases": "cases", "defaults": "list"},
        {"value": literal("The value."), "defaults": flag(None, "Whether the default branch was taken.")},
    ),
    flowable(
        _FLOW + "Loop",
        "Its tasks once per item, each time as an execution of its own.",
        {
            "values": anything("A list, a map, JSON text, or the address of a file.", required=True),
            "concurrencyLimit": count("Iterations at a time; 0 is no limit.", default=1, minimum=0),
            "tasks": _TASKS,
            "transmitFailed": flag(True, "A failed iteration fails the loop."),
            "outputs": part("outputs", "Rendered at the end of each iteration."),
            "fetchType": choice("AUTO", "FETCH", "STORE", default="AUTO"),
            "breakWhen": text("Stop when true after an iteration.", dialects=ANNOUNCED),
        },
        {"tasks": "list"},
        {
            "iterationCount": _ITERATIONS,
            "runningIterations": count(),
            "terminatedIterations": count(),
            "outputs": sequence("Outputs of the iterations."),
            "nextOffset": count("Where the file was read to."),
        },
        dialects=ONLY_2,
    ),
    flowable(
        _FLOW + "LoopUntil",
        "Its tasks again and again until a condition holds.",
        {
            "condition": text("Ends the loop.", required=True),
            "tasks": _TASKS,
            "failOnMaxReached": switch(False),
            "checkFrequency": record(
                {"maxIterations": number(), "maxDuration": duration(), "interval": duration(default="PT1M")}
            ),
        },
        {"tasks": "list"},
        {"iterationCount": _ITERATIONS},
        aliases=(_FLOW + "WaitFor",),
    ),
    flowable(
        _FLOW + "AllowFailure",
        "A Sequential whose failure is a warning.",
        {"tasks": _TASKS},
        {"tasks": "list"},
        aliases=(_OLD + "AllowFailure",),
    ),
    flowable(
        _FLOW + "Pause",
        "Wait for a while, or for a resume.",
        {
            "pauseDuration": duration("Resume by itself after this time."),
            "delay": duration("Old name of `pauseDuration`.", dialects=ONLY_1, deprecated="`pauseDuration`"),
            "behavior": option("RESUME", "WARN", "FAIL", "CANCEL", default="RESUME"),
            "onResume": part("inputs", "Inputs asked at the resume."),
            "onPause": part("task", "A task started when the pause begins."),
            "tasks": part("tasks", "Run after the pause.", dialects=ONLY_1, deprecated="tasks after the Pause"),
        },
        {"tasks": "list", "onPause": "single"},
        {"onResume": mapping("Inputs of the resume."), "resumed": mapping("When and how it went on.")},
    ),
    flowable(
        _FLOW + "Approval",
        "Wait for a decision.",
        {
            "inputs": part("inputs"),
            "decisions": mapping(),
            "commentRequired": option("NEVER", "ALWAYS", "ON_APPROVE", "ON_DENY", default="NEVER"),
            "autoApprove": text(),
            "approveBehavior": option(*["CONTINUE", "WARN", "FAIL", "SUCCEED", "CANCEL", "KILL"], default="CONTINUE"),
            "denyBehavior": option(*["CONTINUE", "WARN", "FAIL", "SUCCEED", "CANCEL", "KILL"], default="CANCEL"),
            "expireBehavior": option(*["CONTINUE", "WARN", "FAIL", "SUCCEED", "CANCEL", "KILL"], default="CANCEL"),
            "onWait": part("tasks"),
            "onApprove": part("tasks"),
            "onDeny": part("tasks"),
        },
        {"onWait": "list", "onApprove": "list", "onDeny": "list"},
        {
            "url": literal(),
            "decision": literal(),
            "auto": flag(),
            "by": literal(),
            "on": literal(),
            "comment": literal(),
            "inputs": mapping(),
            "due": literal(),
        },
        dialects=ANNOUNCED,
    ),
    flowable(
        _FLOW + "WorkingDirectory",
        "Tasks that share one directory.",
        {
            "tasks": _TASKS,
            **FILES,
            "cache": record({"patterns": sequence(required=True), "ttl": duration()}, "Files kept between executions."),
        },
        {"tasks": "list"},
        {"outputFiles": mapping("Path to address.")},
        aliases=(_OLD + "Worker",),
    ),
    flowable(
        _FLOW + "ForEach",
        "Its tasks once per item.",
        {
            "values": anything("A list, or text that renders to a JSON list.", required=True),
            "concurrencyLimit": count("Items at a time; 0 is no limit.", default=1, minimum=0),
            "tasks": _TASKS,
        },
        {"tasks": "list"},
        dialects=ONLY_1,
        deprecated=_FLOW + "Loop",
    ),
    flowable(
        _FLOW + "EachSequential",
        "Its tasks once per item, one item after the other.",
        {"value": anything(required=True), "tasks": _TASKS},
        {"tasks": "list"},
        dialects=ONLY_1,
        deprecated=_FLOW + "Loop",
    ),
    flowable(
        _FLOW + "EachParallel",
        "All tasks of all items at the same time.",
        {"value": anything(required=True), "concurrent": _CONCURRENT, "tasks": _TASKS},
        {"tasks": "list"},
        dialects=ONLY_1,
        deprecated=_FLOW + "Loop",
    ),
    task(
        _FLOW + "Subflow",
        "Run another flow.",
        {**_CALL, "outputs": table("Rendered in the other flow.", dialects=ONLY_1, deprecated="outputs of the flow")},
        {"executionId": literal(), "state": choice(*STATES), "outputs": mapping()},
        aliases=(_OLD + "Flow",),
    ),
    flowable(
        _FLOW + "ForEachItem",
        "Run another flow once per part of a file.",
        {
            **_CALL,
            "inheritLabels": flag(False, "Copy the labels of this execution."),
            "items": line("Address of the file.", required=True),
            "batch": record({"rows": number(), "partitions": number(), "bytes": text(), "separator": text()}),
        },
        {},
        {"iterations": mapping(), "numberOfBatches": count(), "subflowOutputsBaseUri": literal()},
        dialects=ONLY_1,
        deprecated=_FLOW + "Loop",
    ),
    task(
        _FLOW + "Sleep",
        "Wait.",
        {"duration": duration("How long.", required=True)},
    ),
    flowable(
        _FLOW + "Template",
        "The tasks of a template (removed).",
        {"namespace": text(required=True), "templateId": text(required=True), "args": table()},
        {},
        dialects=ONLY_1,
        runnable=False,
        deprecated=_FLOW + "Subflow",
    ),
    task(
        "io.kestra.plugin.core.templating.TemplatedTask",
        "A task given as text.",
        {"spec": text("YAML of a task, rendered.", required=True)},
        aliases=("io.kestra.core.tasks.templating.TemplatedTask",),
    ),
    task(
        "io.kestra.plugin.core.log.Log",
        "Write lines to the log.",
        {
            "message": anything("Text, or a list of texts.", required=True),
            "level": option(*LEVELS, default="INFO"),
        },
    ),
    task(
        "io.kestra.plugin.core.debug.Return",
        "Give a text back.",
        {"format": anything("The text.")},
        {"value": literal("The rendered text.")},
    ),
    task(
        "io.kestra.plugin.core.debug.Echo",
        "Write a line to the log (now `log.Log`).",
        {"format": anything(), "level": option(*LEVELS, default="INFO")},
        dialects=ONLY_1,
        deprecated="io.kestra.plugin.core.log.Log",
    ),
    task(
        "io.kestra.plugin.core.output.OutputValues",
        "Give values back.",
        {"values": anything("Names and values.")},
        {"values": data("The values.")},
    ),
)
