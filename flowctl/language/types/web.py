"""Properties of `io.kestra.plugin.core.http.*`: tasks and the trigger."""

from __future__ import annotations

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    anything,
    choice,
    count,
    data,
    duration,
    items,
    literal,
    mapping,
    number,
    option,
    record,
    switch,
    table,
    text,
)
from flowctl.language.types.common import INTERVAL, LEVELS, task, trigger
from flowctl.language.types.spec import PropertySpec, TypeSpec

_HTTP = "io.kestra.plugin.core.http."
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")

_OPTIONS = record(
    {
        "timeout": record({"connectTimeout": duration(), "readIdleTimeout": duration(default="PT5M")}),
        "proxy": record(
            {"type": option("DIRECT", "HTTP", "SOCKS"), "address": text(), "port": number(), "username": text()}
            | {"password": text()}
        ),
        "auth": record(
            {"type": choice("BASIC", "DIGEST", "BEARER"), "username": text(), "password": text(), "token": text()},
            "`username` and `password` for BASIC and DIGEST, `token` for BEARER.",
        ),
        "ssl": record({"insecureTrustAllCertificates": switch(False)}),
        "followRedirects": switch(True),
        "allowFailed": switch(False),
        "allowedResponseCodes": items(),
        "defaultCharset": text(default="UTF-8"),
        "logs": anything(),
        "connectTimeout": duration(dialects=ONLY_1, deprecated="`timeout.connectTimeout`"),
        "readTimeout": duration(dialects=ONLY_1, deprecated="`timeout.readIdleTimeout`"),
        "readIdleTimeout": duration(dialects=ONLY_1, deprecated="`timeout.readIdleTimeout`"),
        "connectionPoolIdleTimeout": duration(dialects=ONLY_1, deprecated="nothing: it has no effect"),
        "maxContentLength": number(dialects=ONLY_1, deprecated="nothing: it has no effect"),
        "proxyType": text(dialects=ONLY_1, deprecated="`proxy.type`"),
        "proxyAddress": text(dialects=ONLY_1, deprecated="`proxy.address`"),
        "proxyPort": number(dialects=ONLY_1, deprecated="`proxy.port`"),
        "proxyUsername": text(dialects=ONLY_1, deprecated="`proxy.username`"),
        "proxyPassword": text(dialects=ONLY_1, deprecated="`proxy.password`"),
        "logLevel": option(*LEVELS, dialects=ONLY_1, deprecated="`logs`"),
        "basicAuthUser": text(dialects=ONLY_1, deprecated="`auth`"),
        "basicAuthPassword": text(dialects=ONLY_1, deprecated="`auth`"),
    },
    "How the request is made.",
)
_REQUEST: dict[str, PropertySpec] = {
    "uri": text("The address.", required=True),
    "method": option(*_METHODS, default="GET"),
    "body": text(),
    "formData": table(),
    "contentType": text(),
    "headers": table(),
    "params": table(),
    "options": _OPTIONS,
    "sslOptions": record({"insecureTrustAllCertificates": switch()}, dialects=ONLY_1, deprecated="`options.ssl`"),
    "allowFailed": switch(False, dialects=ONLY_1, deprecated="`options.allowFailed`"),
}
_RESPONSE: dict[str, PropertySpec] = {"code": count(), "headers": mapping(), "uri": literal()}

TYPES: tuple[TypeSpec, ...] = (
    task(
        _HTTP + "Request",
        "An HTTP request.",
        {**_REQUEST, "encryptBody": switch(False)},
        {**_RESPONSE, "body": data(), "encryptedBody": data(), "formData": data()},
        aliases=("io.kestra.plugin.fs.http.Request",),
    ),
    task(
        _HTTP + "Download",
        "Download a file.",
        {**_REQUEST, "failOnEmptyResponse": switch(True), "saveAs": text()},
        {**_RESPONSE, "length": count()},
        aliases=("io.kestra.plugin.fs.http.Download",),
    ),
    task(
        _HTTP + "SseRequest",
        "Read a stream of server-sent events.",
        {
            **_REQUEST,
            "concatJsonPath": text(dialects=ANNOUNCED),
            "failedOnMissingPath": switch(dialects=ANNOUNCED),
            "nextRequestJsonPath": text(dialects=ANNOUNCED),
            "concatJqExpression": text(),
            "failedOnMissingJq": switch(True),
        },
        {"uri": literal(), "events": data(), "size": count(), "result": literal()},
    ),
    trigger(
        _HTTP + "Trigger",
        "Start when an HTTP response meets a condition.",
        {
            **_REQUEST,
            "interval": INTERVAL,
            "responseCondition": text(default="{{ response.statusCode < 400 }}"),
            "encryptBody": switch(False),
            "inputs": mapping("Inputs of the execution.", dialects=ANNOUNCED),
        },
        {**_RESPONSE, "body": data()},
        aliases=("io.kestra.plugin.fs.http.Trigger",),
    ),
)
