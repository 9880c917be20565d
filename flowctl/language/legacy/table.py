"""The one table of legacy spellings: what each dialect does with them, and what to write today.

From the flow-language sheet, sections 0.2, 10 and 13. `docs/legacy.md` is made from it. Old names of types are not
here but at the types themselves (`TypeSpec.aliases`, `TypeSpec.deprecated`).
"""

from __future__ import annotations

from flowctl.language.legacy import changes
from flowctl.language.legacy.rows import Legacy

_SCRIPTS = ("io.kestra.plugin.scripts.",)
_HTTP = ("io.kestra.plugin.core.http.", "io.kestra.plugin.fs.http.")
_JDBC = ("io.kestra.plugin.jdbc.",)
_SLACK = ("io.kestra.plugin.slack.", "io.kestra.plugin.notifications.")

ROWS: tuple[Legacy, ...] = (
    Legacy(
        "flow",
        "errorHandling",
        "`errors`",
        "refused",
        "refused",
        "warns",
        change=changes.error_handling,
    ),
    Legacy("flow", "taskDefaults", "`pluginDefaults`", "warns", "refused", "warns", rename="pluginDefaults"),
    Legacy("flow", "listeners", "`afterExecution`, or a Flow trigger", "warns", "refused", "warns"),
    Legacy("flow", "workerGroup", "nothing: it has no effect here", "ignored", "refused", "warns"),
    Legacy("task", "_if", "`runIf`, with the comparison inside the braces", "refused", "refused", "warns", "runIf"),
    Legacy("task", "when", "`runIf`", "refused", "refused", "warns", change=changes.when_on_task),
    Legacy(
        "task",
        "_each",
        "a Loop task around it; `tasks` is a map of states, not a list",
        "refused",
        "refused",
        "refused",
    ),
    Legacy(
        "task",
        "container",
        "`containerImage`, and `taskRunner` for memory and cpu",
        "refused",
        "refused",
        "warns",
        types=_SCRIPTS,
        change=changes.container,
    ),
    Legacy(
        "task", "docker", "`containerImage` and `taskRunner`", "warns", "runs", "warns", "", _SCRIPTS, changes.docker
    ),
    Legacy("task", "runner", "`taskRunner`", "warns", "ignored", "warns", "", _SCRIPTS, changes.runner),
    Legacy(
        "task",
        "delay",
        "`pauseDuration`",
        "warns",
        "refused",
        "warns",
        "pauseDuration",
        ("io.kestra.plugin.core.flow.Pause",),
    ),
    Legacy(
        "task",
        "state",
        "`CANCELLED`",
        "runs",
        "refused",
        "warns",
        types=("io.kestra.plugin.core.execution.Exit",),
        change=changes.canceled,
        construct="`state: CANCELED` of Exit",
    ),
    Legacy(
        "task",
        "options",
        "`options.timeout`, `options.proxy` and `options.auth`",
        "runs",
        "runs",
        "warns",
        types=_HTTP,
        change=changes.http_options,
        construct="flat `options` of HTTP tasks (`basicAuthUser`, `connectTimeout`, `proxyAddress`, …)",
    ),
    Legacy("task", "sslOptions", "`options.ssl`", "warns", "refused", "warns", "", _HTTP, changes.ssl_options),
    Legacy(
        "task", "allowFailed", "`options.allowFailed`", "warns", "refused", "warns", "", _HTTP, changes.allow_failed
    ),
    Legacy("task", "workerGroup", "nothing: it has no effect here", "ignored", "refused", "warns"),
    Legacy("task", "message", "`messageText`", "refused", "refused", "refused", types=_SLACK),
    Legacy(
        "task",
        "dataset",
        "`destinationTable: project.dataset.table`",
        "refused",
        "refused",
        "refused",
        types=("io.kestra.plugin.gcp.bigquery.Load",),
    ),
    Legacy(
        "task",
        "table",
        "`destinationTable: project.dataset.table`",
        "refused",
        "refused",
        "refused",
        types=("io.kestra.plugin.gcp.bigquery.Load",),
    ),
    Legacy("task", "outputDirectory", "`outputFiles`", "warns", "warns", "warns", types=_SCRIPTS),
    Legacy(
        "task",
        "outputs",
        "outputs of the flow that is called",
        "warns",
        "refused",
        "warns",
        types=("io.kestra.plugin.core.flow.Subflow",),
        construct="`outputs` of Subflow",
    ),
    Legacy(
        "task",
        "tasks",
        "the tasks after the Pause",
        "warns",
        "refused",
        "warns",
        types=("io.kestra.plugin.core.flow.Pause",),
        construct="`tasks` of Pause",
    ),
    Legacy("task", "store", "`fetchType: STORE`", "refused", "refused", "warns", types=_JDBC),
    Legacy("task", "fetch", "`fetchType: FETCH`", "refused", "refused", "warns", types=_JDBC),
    Legacy("task", "fetchOne", "`fetchType: FETCH_ONE`", "refused", "refused", "warns", types=_JDBC),
    Legacy("retry", "maxAttempt", "`maxAttempts`", "runs", "refused", "warns", "maxAttempts"),
    Legacy("input", "name", "`id`", "warns", "refused", "warns", "id"),
    Legacy(
        "input",
        "type",
        "upper case, `BOOL` and `SELECT`",
        "warns",
        "refused",
        "warns",
        change=changes.input_type,
        construct="input types `BOOLEAN` and `ENUM`",
    ),
    Legacy("input", "options", "`values`", "warns", "refused", "warns", "values", ("MULTISELECT",)),
    Legacy("input", "extension", "nothing: it has no effect", "warns", "refused", "warns", types=("FILE",)),
    Legacy("trigger", "minLogLevel", "`logLevel`", "runs", "refused", "warns", "logLevel"),
    Legacy("trigger", "scheduleConditions", "`when`", "warns", "refused", "warns", "conditions"),
    Legacy("trigger", "conditions", "`when`", "runs", "refused", "warns"),
    Legacy("trigger", "preconditions", "`dependsOn`, `mode` and `window`", "runs", "refused", "warns"),
    Legacy(
        "trigger",
        "backfill",
        "a backfill started on the server",
        "warns",
        "refused",
        "warns",
        change=changes.drop_backfill,
    ),
    Legacy("trigger", "workerGroup", "nothing: it has no effect here", "ignored", "refused", "warns"),
    Legacy("check", "condition", "`when`", "runs", "runs", "runs", change=changes.check_condition),
    Legacy("output", "itemType", "nothing: it has no effect", "refused", "refused", "warns"),
    Legacy(
        "expression",
        "outputs.transform-data.rowCount",
        "`outputs['transform-data'].vars.rowCount`: a hyphen is the minus operator",
        "refused",
        "refused",
        "refused",
    ),
    Legacy("expression", "taskRun.id", "`taskrun.id`", "refused", "refused", "refused"),
    Legacy("expression", "execution.state.message", "`errorLogs()[0].message`", "refused", "refused", "refused"),
    Legacy("expression", "json(…), … | json", "`fromJson(…)`, `… | toJson`", "runs", "refused", "warns"),
    Legacy("expression", "schedule.date", "`trigger.date`", "runs", "refused", "warns"),
    Legacy("text", "[[> file]]", "the content itself", "refused", "refused", "refused"),
)
