"""Plugins that exist and are not part of the bundled server: known by name, never run here."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.types.build import anything, choice, items, number, switch, text
from flowctl.language.types.common import FILES, INTERVAL, small, task, trigger
from flowctl.language.types.spec import PropertySpec, TypeSpec

_DATABASES = ("postgresql", "mysql", "duckdb", "sqlite", "sqlserver", "oracle", "snowflake", "clickhouse", "redshift")
_QUERY: dict[str, PropertySpec] = {
    "url": text(),
    "username": text(),
    "password": text(),
    "timeZoneId": text(),
    "sql": text(required=True),
    "afterSQL": text(),
    "parameters": anything(),
    "fetchType": choice("FETCH", "FETCH_ONE", "STORE", "NONE", default="NONE"),
    "fetchSize": number(default=10000),
    "fetch": switch(deprecated="`fetchType: FETCH`"),
    "fetchOne": switch(deprecated="`fetchType: FETCH_ONE`"),
    "store": switch(deprecated="`fetchType: STORE`"),
}
_AWS: dict[str, PropertySpec] = {
    "accessKeyId": text(),
    "secretKeyId": text(),
    "sessionToken": text(),
    "region": text(),
    "endpointOverride": text(),
}


def _away(name: str, title: str, own: dict[str, PropertySpec], *aliases: str) -> TypeSpec:
    return task(name, title, own, aliases=aliases, runnable=False, open=True)


def _databases() -> Iterator[TypeSpec]:
    for database in _DATABASES:
        package = f"io.kestra.plugin.jdbc.{database}."
        yield _away(package + "Query", f"One statement ({database}).", dict(_QUERY))
        yield _away(package + "Queries", f"Several statements ({database}).", {**_QUERY, "transaction": switch(True)})
        yield trigger(
            package + "Trigger",
            f"Start when a query gives rows ({database}).",
            {**_QUERY, "interval": INTERVAL},
            runnable=False,
            open=True,
        )


TYPES: tuple[TypeSpec, ...] = (
    *_databases(),
    _away(
        "io.kestra.plugin.aws.s3.Download",
        "Download from S3.",
        {**_AWS, "bucket": text(required=True), "key": text(), "prefix": text(), "regexp": text()},
    ),
    _away(
        "io.kestra.plugin.aws.s3.Upload",
        "Upload to S3.",
        {**_AWS, "bucket": text(required=True), "key": text(required=True), "from": anything(required=True)},
    ),
    trigger(
        "io.kestra.plugin.aws.s3.Trigger",
        "Start when objects appear in S3.",
        {**_AWS, "bucket": text(required=True), "interval": INTERVAL},
        runnable=False,
        open=True,
    ),
    _away(
        "io.kestra.plugin.gcp.bigquery.Load",
        "Load a file into BigQuery.",
        {
            "from": text(required=True),
            "destinationTable": text(required=True),
            "projectId": text(),
            "format": choice("CSV", "JSON", "AVRO", "PARQUET", "ORC"),
        },
    ),
    _away(
        "io.kestra.plugin.slack.notifications.SlackExecution",
        "Tell a Slack channel about an execution.",
        {"url": text(required=True), "messageText": text(), "payload": text(), "channel": text()},
        "io.kestra.plugin.slack.SlackExecution",
        "io.kestra.plugin.notifications.slack.SlackExecution",
    ),
    _away(
        "io.kestra.plugin.slack.notifications.SlackIncomingWebhook",
        "Write to a Slack channel.",
        {"url": text(required=True), "messageText": text(), "payload": text()},
        "io.kestra.plugin.slack.SlackIncomingWebhook",
        "io.kestra.plugin.notifications.slack.SlackIncomingWebhook",
    ),
    _away(
        "io.kestra.plugin.kubernetes.core.PodCreate",
        "Run a pod.",
        {"connection": anything(), "namespace": text(), "metadata": anything(), "spec": anything(required=True)}
        | {"delete": switch(True), "resume": switch(True), **FILES},
        "io.kestra.plugin.kubernetes.PodCreate",
    ),
    _away(
        "io.kestra.plugin.git.SyncFlows",
        "Deploy flows from Git.",
        {"url": text(), "branch": text(), "targetNamespace": text(required=True), "gitDirectory": text()}
        | {"delete": switch(False), "dryRun": switch(False), "ignore": items()},
    ),
)

RUNNERS: tuple[TypeSpec, ...] = (
    small(
        "runner",
        "io.kestra.plugin.ee.kubernetes.runner.Kubernetes",
        "A pod (Enterprise Edition).",
        {"namespace": text(), "config": anything(), "resources": anything(), "podSpec": anything()}
        | {"containerSpec": anything(), "fileSidecar": anything(), "pullPolicy": text()},
        runnable=False,
    ),
)
