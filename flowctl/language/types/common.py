"""Properties that every task and every trigger has."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    ONLY_2,
    anything,
    choice,
    data,
    duration,
    flag,
    items,
    line,
    literal,
    mapping,
    part,
    record,
    sequence,
    span,
    switch,
    text,
)
from flowctl.language.types.spec import ChildShape, Kind, PropertySpec, TypeSpec
from flowctl.model.environment import Dialect

LEVELS = ("ERROR", "WARN", "INFO", "DEBUG", "TRACE")
STATES = (
    "CREATED",
    "SUBMITTED",
    "RUNNING",
    "PAUSED",
    "RESTARTED",
    "KILLING",
    "SUCCESS",
    "WARNING",
    "FAILED",
    "KILLED",
    "CANCELLED",
    "QUEUED",
    "RETRYING",
    "RETRIED",
    "SKIPPED",
    "BREAKPOINT",
    "RESUBMITTED",
)
ID_PATTERN = "^[a-zA-Z0-9][a-zA-Z0-9_-]*"

WORKER_SELECTOR = record(
    {"tags": sequence(), "match": choice("ALL", "ANY"), "fallback": choice("FAIL", "WAIT", "CANCEL", "IGNORE")},
    "Which workers may run it (Enterprise Edition; ignored).",
    dialects=ONLY_2,
)
WORKER_GROUP = mapping("Which workers may run it (Enterprise Edition; ignored).", dialects=ONLY_1)
VERSION = literal("Version of the plugin (ignored).")

TASK: dict[str, PropertySpec] = {
    "id": literal("Name of the task, once in the flow.", required=True, pattern=ID_PATTERN),
    "type": literal("The task's type.", required=True),
    "version": VERSION,
    "description": literal("What the task is for."),
    "disabled": flag(False, "Treated as absent."),
    "runIf": line("Whether to run: anything but false, 0 and blank text.", default="true"),
    "retry": part("retry", "What to do after a failure."),
    "timeout": duration("Longest time of one attempt."),
    "allowFailure": flag(False, "A failure becomes a warning."),
    "allowWarning": flag(False, "A warning becomes a success."),
    "logLevel": choice(*LEVELS, description="Lines below this level are dropped."),
    "logToFile": flag(False, "Write the log to a file of the execution's storage."),
    "taskCache": record({"enabled": flag(required=True), "ttl": span()}, "Reuse outputs of an identical run."),
    "assets": data("Lineage of data (Enterprise Edition; ignored)."),
    "workerSelector": WORKER_SELECTOR,
    "workerGroup": WORKER_GROUP,
    "pluginDefaultsRef": literal("A named set of defaults (ignored).", dialects=ANNOUNCED),
    "policyRefs": sequence("Policies (Enterprise Edition; ignored).", dialects=ANNOUNCED),
}
BRANCHES: dict[str, PropertySpec] = {
    "errors": part("tasks", "Tasks to run after a failure."),
    "finally": part("tasks", "Tasks to run at the end, whatever happened."),
}
BRANCH_CHILDREN: dict[str, ChildShape] = {"errors": "list", "finally": "list"}

TRIGGER: dict[str, PropertySpec] = {
    "id": literal("Name of the trigger, once in the flow.", required=True, pattern=ID_PATTERN),
    "type": literal("The trigger's type.", required=True),
    "version": VERSION,
    "description": literal("What the trigger is for."),
    "disabled": flag(False, "Never fires."),
    "when": line("Whether to fire.", default="true", dialects=ONLY_2),
    "conditions": part("conditions", "All must hold.", dialects=ONLY_1, deprecated="`when`"),
    "inputs": mapping("Inputs of the execution."),
    "labels": part("labels", "Labels of the execution."),
    "stopAfter": sequence(
        "Disable the trigger after an execution that ended so.", of=choice(*STATES, description="A state.")
    ),
    "logLevel": choice(*LEVELS, description="Lines below this level are dropped."),
    "minLogLevel": choice(*LEVELS, description="Old name of `logLevel`.", dialects=ONLY_1, deprecated="`logLevel`"),
    "logToFile": flag(False, "Write the log to a file."),
    "allowConcurrent": flag(False, "Start although the previous execution still runs."),
    "failOnTriggerError": flag(False, "An error of the trigger creates a FAILED execution."),
    "assets": data("Lineage of data (Enterprise Edition; ignored)."),
    "workerSelector": WORKER_SELECTOR,
    "workerGroup": WORKER_GROUP,
    "policyRefs": sequence("Policies (Enterprise Edition; ignored).", dialects=ANNOUNCED),
}

FILES: dict[str, PropertySpec] = {
    "inputFiles": anything("Files to write before the start: path to text or address."),
    "outputFiles": items("Globs of the files to keep."),
    "namespaceFiles": record(
        {
            "enabled": switch(True),
            "include": items(),
            "exclude": items(),
            "namespaces": items(),
            "ifExists": text(default="OVERWRITE"),
            "folderPerNamespace": switch(False),
        },
        "Files of the namespace to copy first.",
    ),
}


def task(
    name: str,
    title: str,
    own: Mapping[str, PropertySpec] | None = None,
    outputs: Mapping[str, PropertySpec] | None = None,
    *,
    aliases: tuple[str, ...] = (),
    dialects: tuple[Dialect, ...] = ("1.3", "2.0"),
    runnable: bool = True,
    open: bool = False,  # noqa: A002 - the word of `TypeSpec`
    deprecated: str = "",
) -> TypeSpec:
    """A task without children."""
    properties = {**TASK, **(own or {})}
    return TypeSpec(
        name,
        "task",
        properties,
        outputs or {},
        aliases=aliases,
        dialects=dialects,
        title=title,
        runnable=runnable,
        open=open,
        deprecated=deprecated,
    )


def flowable(
    name: str,
    title: str,
    own: Mapping[str, PropertySpec],
    children: Mapping[str, ChildShape],
    outputs: Mapping[str, PropertySpec] | None = None,
    *,
    aliases: tuple[str, ...] = (),
    dialects: tuple[Dialect, ...] = ("1.3", "2.0"),
    deprecated: str = "",
    runnable: bool = True,
) -> TypeSpec:
    """A task with children, and with `errors` and `finally`."""
    return TypeSpec(
        name,
        "task",
        {**TASK, **own, **BRANCHES},
        outputs or {},
        {**children, **BRANCH_CHILDREN},
        aliases=aliases,
        dialects=dialects,
        title=title,
        flowable=True,
        deprecated=deprecated,
        runnable=runnable,
    )


def trigger(
    name: str,
    title: str,
    own: Mapping[str, PropertySpec],
    outputs: Mapping[str, PropertySpec] | None = None,
    *,
    aliases: tuple[str, ...] = (),
    runnable: bool = True,
    open: bool = False,  # noqa: A002 - the word of `TypeSpec`
) -> TypeSpec:
    """A trigger."""
    properties = {**TRIGGER, **own}
    return TypeSpec(
        name, "trigger", properties, outputs or {}, aliases=aliases, title=title, runnable=runnable, open=open
    )


def small(kind: Kind, name: str, title: str, own: Mapping[str, PropertySpec], *, runnable: bool = True) -> TypeSpec:
    """A type of the language that is no plugin with common properties: a retry, an SLA, a task runner."""
    properties = {"type": literal("The type.", required=True), **own}
    return TypeSpec(name, kind, properties, title=title, runnable=runnable)


INTERVAL = span("Time between two evaluations.", default="PT1M")
