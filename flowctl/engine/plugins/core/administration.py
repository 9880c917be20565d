"""Tasks over other executions, logs and triggers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.engine.plugins.services import Selected
from flowctl.language.expressions.template import truthy

_PREFIX = "io.kestra.plugin.core."
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


def moment(properties: Properties, name: str) -> int | None:
    """A date-time in microseconds since 1970; None when absent.

    Raises:
        BadProperty: it is none.
    """
    text = properties.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.partition("[")[0])
    except ValueError:
        raise BadProperty(f"`{name}` is no date-time: {text!r}") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000_000)


class Count(BuiltIn):
    """Counts executions of flows or namespaces."""

    name = _PREFIX + "execution.Count"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`results` for which the expression holds, `total`."""
        flows, namespaces = properties.listing("flows"), properties.texts("namespaces")
        if not flows and not namespaces:
            raise TaskFailure("You must provide a list of flows or namespaces.")
        places = [(str(f.get("namespace")), str(f.get("flowId"))) for f in flows if isinstance(f, dict)]
        wanted: list[tuple[str, str | None]] = [*places, *((namespace, None) for namespace in namespaces)]
        found = []
        for namespace, flow_id in wanted:
            number = context.administration.count(
                Selected(
                    namespace,
                    flow_id,
                    tuple(properties.texts("states")),
                    moment(properties, "startDate"),
                    moment(properties, "endDate"),
                )
            )
            row: dict[str, object] = {"namespace": namespace, "count": number}
            if flow_id is not None:
                row["flowId"] = flow_id
            if truthy(context.render(properties.raw("expression") or "true", row)):
                found.append(row)
        return {"results": found, "total": sum(int(str(row["count"])) for row in found)}


class Resume(BuiltIn):
    """Resumes a paused execution, its own flow's or another's."""

    name = _PREFIX + "execution.Resume"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> None:
        """Nothing comes back."""
        id_ = properties.text("executionId") or context.place.execution_id
        try:
            context.administration.resume(id_, properties.mapping("inputs")).result()
        except Exception as error:  # a refusal, or what the other execution's turn raised: either fails this task
            raise TaskFailure("The execution is not paused" if "PAUSED" in str(error) else str(error)) from error


class PurgeExecutions(BuiltIn):
    """Removes ended executions."""

    name = _PREFIX + "execution.PurgeExecutions"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`executionsCount`, `logsCount`, `metricsCount`, `storagesCount`."""
        end = moment(properties, "endDate")
        if end is None:
            raise BadProperty("`endDate` is required, but its value is absent")
        selected = Selected(
            properties.text("namespace"),
            properties.text("flowId"),
            tuple(properties.texts("states")),
            moment(properties, "startDate"),
            end,
        )
        counts = context.administration.purge(
            selected,
            rows=properties.flag("purgeExecution", True),
            log=properties.flag("purgeLog", True),
            metrics=properties.flag("purgeMetric", True),
            files=properties.flag("purgeStorage", True),
        )
        return {
            "executionsCount": counts["executions"],
            "logsCount": counts["logs"],
            "metricsCount": counts["metrics"],
            "storagesCount": counts["files"],
        }


class Fetch(BuiltIn):
    """Writes log lines to a file of JSON lines."""

    name = _PREFIX + "log.Fetch"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`size` lines, `uri`."""
        rows = context.administration.log_rows(
            Selected(properties.text("namespace"), properties.text("flowId")),
            properties.text("executionId") or context.place.execution_id,
            properties.texts("tasksId"),
            properties.choice("level", LEVELS, "INFO"),
        )
        text = "".join(
            json.dumps({"taskId": row.task_id, "level": row.level, "message": row.message, "at": row.at}) + "\n"
            for row in rows
        )
        return {"size": len(rows), "uri": context.files.put("logs.jsonl", text.encode())}


class PurgeLogs(BuiltIn):
    """Removes log lines."""

    name = _PREFIX + "log.PurgeLogs"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`count` lines."""
        end = moment(properties, "endDate")
        if end is None:
            raise BadProperty("`endDate` is required, but its value is absent")
        selected = Selected(
            properties.text("namespace"), properties.text("flowId"), (), moment(properties, "startDate"), end
        )
        return {"count": context.administration.purge_logs(selected, properties.texts("logLevels"))}


class Toggle(BuiltIn):
    """Switches a trigger on or off."""

    name = _PREFIX + "trigger.Toggle"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> None:
        """Nothing comes back."""
        namespace = properties.text("namespace") or context.place.namespace
        flow_id = properties.text("flowId") or context.place.flow_id
        trigger = properties.required("trigger")
        if not context.administration.toggle(namespace, flow_id, trigger, enabled=properties.flag("enabled")):
            raise TaskFailure(f"Unable to find trigger {trigger} for the flow {namespace}.{flow_id}")


TASKS: list[Task] = [Count(), Resume(), PurgeExecutions(), Fetch(), PurgeLogs(), Toggle()]
