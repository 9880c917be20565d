"""The flow itself: its properties and their parts, retries (3.2) and SLAs (7.5)."""

from __future__ import annotations

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    ONLY_2,
    choice,
    count,
    data,
    decimal,
    flag,
    line,
    literal,
    mapping,
    part,
    record,
    sequence,
    span,
    text,
)
from flowctl.language.types.common import WORKER_GROUP, WORKER_SELECTOR, small
from flowctl.language.types.inputs import ITEM_TYPES, OLD_ITEM_TYPES
from flowctl.language.types.spec import PropertySpec, TypeSpec

CONCURRENCY: dict[str, PropertySpec] = {
    "limit": count("Executions at a time.", required=True, minimum=1),
    "behavior": choice("QUEUE", "CANCEL", "FAIL", default="QUEUE"),
}
CHECK: dict[str, PropertySpec] = {
    "when": line("Reported when false."),
    "condition": line("Reported when false."),
    "message": line("What is reported.", required=True, empty_message="must not be empty"),
    "style": choice("ERROR", "SUCCESS", "WARNING", "INFO", default="INFO"),
    "behavior": choice("BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION", default="BLOCK_EXECUTION"),
}
OUTPUT: dict[str, PropertySpec] = {
    "id": literal(required=True, pattern="^[a-zA-Z0-9][.a-zA-Z0-9_-]*"),
    "type": choice(*ITEM_TYPES, *OLD_ITEM_TYPES, required=True),
    "value": data("Rendered at the end.", required=True),
    "description": literal(),
    "displayName": literal(),
    "required": flag(True),
    "itemType": choice(*ITEM_TYPES, dialects=ANNOUNCED, deprecated="nothing: it has no effect"),
}
PLUGIN_DEFAULT: dict[str, PropertySpec] = {
    "type": literal("A type, or the beginning of some."),
    "forced": flag(False, "Overrides what the task says."),
    "values": mapping("Properties and values."),
}
QUOTA: dict[str, PropertySpec] = {
    "duration": span(),
    "limit": count(minimum=1),
    "behavior": choice("FAIL", "CANCEL"),
}

FLOW = TypeSpec(
    "flow",
    "flow",
    {
        "id": literal("Name of the flow, once in its namespace.", required=True),
        "namespace": literal("Namespace of the flow; dots make levels.", required=True),
        "revision": count("Set by the server."),
        "description": literal("What the flow is for."),
        "labels": part("labels", "Names and values."),
        "inputs": part("inputs", "What an execution asks for."),
        "variables": mapping("Values to use in expressions."),
        "tasks": part("tasks", "What is done.", required=True),
        "errors": part("tasks", "Tasks to run after a failure."),
        "finally": part("tasks", "Tasks to run at the end, whatever happened."),
        "afterExecution": part("tasks", "Tasks to run after the end."),
        "triggers": part("triggers", "What starts executions."),
        "outputs": part("outputs", "What an execution gives back."),
        "pluginDefaults": sequence("Defaults of properties by type.", of=record(PLUGIN_DEFAULT)),
        "taskDefaults": sequence(of=record(PLUGIN_DEFAULT), dialects=ONLY_1, deprecated="`pluginDefaults`"),
        "concurrency": record(CONCURRENCY, "How many executions run at a time."),
        "retry": part("retry", "What to do after a failure."),
        "sla": part("sla", "What an execution must keep to."),
        "checks": sequence("What must hold to start.", of=record(CHECK)),
        "disabled": flag(False, "Cannot be started."),
        "listeners": sequence(
            of=record({"description": literal(), "conditions": part("conditions"), "tasks": part("tasks")}),
            dialects=ONLY_1,
            deprecated="`afterExecution` or a Flow trigger",
        ),
        "quotas": sequence(of=record(QUOTA), dialects=ONLY_2),
        "workerSelector": WORKER_SELECTOR,
        "workerGroup": WORKER_GROUP,
        "policyRefs": sequence("Policies (Enterprise Edition; ignored).", dialects=ANNOUNCED),
        "draft": flag(False, "Saved, but cannot be started.", dialects=ANNOUNCED),
        "deleted": flag(False, "Set by the server."),
        "updated": data("Set by the server."),
        "tenantId": literal("Set by the server."),
        "source": literal("Set by the server."),
    },
    title="A flow.",
)

_RETRY: dict[str, PropertySpec] = {
    "maxAttempts": count("Attempts, the first one included.", minimum=1),
    "maxAttempt": count("Old name of `maxAttempts`.", minimum=1, dialects=ONLY_1, deprecated="`maxAttempts`"),
    "maxDuration": span("Longest time since the first attempt."),
    "warningOnRetry": flag(False, "A success after more than one attempt is a warning."),
    "behavior": choice("RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION", default="RETRY_FAILED_TASK"),
}
_INTERVAL = span("Time between two attempts.", required=True)

RETRIES: tuple[TypeSpec, ...] = (
    small("retry", "constant", "Always the same time between attempts.", {**_RETRY, "interval": _INTERVAL}),
    small(
        "retry",
        "exponential",
        "More time after every attempt.",
        {
            **_RETRY,
            "interval": _INTERVAL,
            "maxInterval": span("Longest time between attempts.", required=True),
            "delayFactor": decimal(default=2.0),
        },
    ),
    small(
        "retry",
        "random",
        "A random time between attempts.",
        {**_RETRY, "minInterval": span(required=True), "maxInterval": span(required=True)},
    ),
)

_SLA: dict[str, PropertySpec] = {
    "id": literal(required=True),
    "behavior": choice("FAIL", "CANCEL", "NONE", required=True),
    "labels": part("labels"),
}
SLAS: tuple[TypeSpec, ...] = (
    small("sla", "MAX_DURATION", "An execution takes no longer.", {**_SLA, "duration": span(required=True)}),
    small("sla", "EXECUTION_ASSERTION", "An expression stays true.", {**_SLA, "assert": text(required=True)}),
)
