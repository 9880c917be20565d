"""`io.kestra.plugin.core.execution.*`, `trigger.Toggle`, `log.*`, `metric.*`."""

from __future__ import annotations

from flowctl.language.types.build import (
    ONLY_1,
    ONLY_2,
    anything,
    count,
    flag,
    items,
    line,
    literal,
    moment,
    number,
    option,
    sequence,
    switch,
    table,
    text,
)
from flowctl.language.types.common import LEVELS, task
from flowctl.language.types.spec import TypeSpec

_EXEC = "io.kestra.plugin.core.execution."
_OLD = "io.kestra.core.tasks.executions."

TYPES: tuple[TypeSpec, ...] = (
    task(
        _EXEC + "Fail",
        "Fail, always or on a condition.",
        {"condition": text("Fail when true."), "errorMessage": text(default="Task failure")},
    ),
    task(_EXEC + "Labels", "Set labels of the execution.", {"labels": anything("Names and values.", required=True)}),
    task(
        _EXEC + "SetVariables",
        "Set variables of the execution.",
        {"variables": table("Names and values.", required=True), "overwrite": switch(True)},
    ),
    task(
        _EXEC + "UnsetVariables",
        "Remove variables of the execution.",
        {"variables": items("Names.", required=True), "ignoreMissing": switch(False)},
    ),
    task(
        _EXEC + "Assert",
        "Fail unless all conditions hold.",
        {"conditions": sequence("Expressions.", of=line(), required=True), "errorMessage": text()},
    ),
    task(
        _EXEC + "Exit",
        "End the execution at once.",
        {"state": option("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", default="SUCCESS")},
    ),
    task(
        _EXEC + "Resume",
        "Resume a paused execution.",
        {"executionId": text(), "namespace": text(), "flowId": text(), "inputs": table()},
        dialects=ONLY_1,
    ),
    task(
        _EXEC + "Count",
        "Count executions.",
        {
            "flows": sequence(),
            "namespaces": items(),
            "states": items(),
            "startDate": moment(required=True),
            "endDate": moment(),
            "expression": text(required=True),
        },
        {"results": sequence(), "total": count()},
        aliases=(_OLD + "Counts", _EXEC + "Counts"),
        dialects=ONLY_1,
    ),
    task(
        _EXEC + "PurgeExecutions",
        "Remove executions.",
        {
            "namespace": text(),
            "flowId": text(),
            "startDate": moment(),
            "endDate": moment(required=True),
            "states": items(),
            "purgeExecution": switch(True),
            "purgeLog": switch(True),
            "purgeMetric": switch(True),
            "purgeStorage": switch(True),
            "batchSize": text(),
        },
        {
            "executionsCount": count(),
            "logsCount": count(),
            "storagesCount": count(),
            "metricsCount": count(),
        },
        aliases=("io.kestra.plugin.core.storage.Purge", "io.kestra.core.tasks.storages.Purge"),
    ),
    task(
        "io.kestra.plugin.core.flow.PurgeFlows",
        "Remove old revisions of flows.",
        {
            "namespace": text("This namespace and those below; with `flowId` the flow's."),
            "flowId": text("One flow."),
            "behavior": anything("`type: version` with `keepAmount` (1) or `before`."),
        },
        {"size": count()},
        dialects=ONLY_2,
    ),
    task(
        "io.kestra.plugin.core.storage.PurgeStorage",
        "Remove files of executions by their age, also of executions that are gone.",
        {
            "namespace": text("This namespace and those below; with `flowId` the flow's."),
            "flowId": text("One flow."),
            "startDate": moment(),
            "endDate": moment(required=True),
            "dryRun": switch(True, "Only count."),
        },
        {"scannedCount": count(), "purgedCount": count(), "deletedFilesCount": count()},
        dialects=ONLY_2,
    ),
    task(
        "io.kestra.plugin.core.trigger.Toggle",
        "Enable or disable a trigger.",
        {"trigger": line(required=True), "enabled": flag(False), "flowId": line(), "namespace": line()},
        aliases=("io.kestra.core.tasks.trigger.Toggle",),
        dialects=ONLY_1,
    ),
    task(
        "io.kestra.plugin.core.log.Fetch",
        "Write log lines to a file.",
        {
            "executionId": text(),
            "namespace": text(),
            "flowId": text(),
            "tasksId": items(),
            "level": option(*LEVELS, default="INFO"),
        },
        {"size": count(), "uri": literal()},
        dialects=ONLY_1,
    ),
    task(
        "io.kestra.plugin.core.log.PurgeLogs",
        "Remove log lines.",
        {
            "namespace": text(),
            "flowId": text(),
            "executionId": text(),
            "logLevels": items(),
            "batchSize": number(dialects=ONLY_2),
            "purgeExecutionLogs": switch(dialects=ONLY_2),
            "purgeNonExecutionLogs": switch(dialects=ONLY_2),
            "startDate": moment(),
            "endDate": moment(required=True),
        },
        {"count": count()},
    ),
    task(
        "io.kestra.plugin.core.metric.Publish",
        "Publish metrics of the execution.",
        {"metrics": anything("`name`, `type`, `value`, `tags` of each.")},
    ),
)
