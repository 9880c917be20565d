"""Tasks that remove old revisions of flows and files of executions (seen on a released 2.0)."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.core.administration import moment
from flowctl.engine.plugins.core.purging import versions_of
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.engine.plugins.services import Selected

_PREFIX = "io.kestra.plugin.core."


class PurgeFlows(BuiltIn):
    """Removes revisions of flows: all but the newest ones, or those saved before a date. The one in force stays."""

    name = _PREFIX + "flow.PurgeFlows"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`size` revisions."""
        versions = versions_of(properties)
        if versions.keep == 0:
            raise BadProperty("behavior.keepAmount: must be greater than or equal to 1")
        flows = context.administration.flows_below(*_scope(properties))
        context.log("INFO", f"purging old revisions from {len(flows)} flows")
        purge = context.administration.purge_revisions
        size = sum(purge(flow, keep=versions.keep, before=versions.before) for flow in flows)
        context.log("INFO", f"purged {size} flow revisions")
        return {"size": size}


class PurgeStorage(BuiltIn):
    """Removes files of executions that were written in a time. Without `dryRun: false` they are only counted."""

    name = _PREFIX + "storage.PurgeStorage"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`scannedCount` executions with files, `purgedCount` of them meant, `deletedFilesCount` files gone."""
        end = moment(properties, "endDate")
        if end is None:
            raise BadProperty("`endDate` is required, but its value is absent")
        namespace, flow_id = _scope(properties)
        selected = Selected(namespace, flow_id, (), moment(properties, "startDate"), end)
        dry = properties.flag("dryRun", True)
        scanned, purged, deleted = context.administration.purge_storage(selected, dry=dry)
        context.log("INFO", f"{scanned} executions have files, {purged} are meant, {deleted} files are deleted")
        return {"scannedCount": scanned, "purgedCount": purged, "deletedFilesCount": deleted}


def _scope(properties: Properties) -> tuple[str | None, str | None]:
    namespace, flow_id = properties.text("namespace"), properties.text("flowId")
    if flow_id and not namespace:
        raise TaskFailure("Property `namespace` is required when `flowId` is set.")
    return namespace, flow_id


TASKS: list[Task] = [PurgeFlows(), PurgeStorage()]
