"""Legacy spellings that need more than another name."""

from __future__ import annotations

import re

from flowctl.language.legacy.rows import Holder

PROCESS = "io.kestra.plugin.core.runner.Process"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"
_KUBERNETES_SIZE = re.compile(r"\s*(\d+)\s*([KMGT])i\s*")


def container(task: Holder) -> None:
    """`container: {image, memory, cpu}` → `containerImage` and limits of a Docker runner."""
    held = task.pop("container")
    if isinstance(held, str):
        held = {"image": held}
    if not isinstance(held, dict):
        return
    if "image" in held:
        task.setdefault("containerImage", held["image"])
    limits: Holder = {}
    if "memory" in held:
        limits["memory"] = {"memory": docker_size(held["memory"])}
    if "cpu" in held:
        limits["cpu"] = {"cpus": held["cpu"]}
    if limits:
        task.setdefault("taskRunner", {"type": DOCKER, **limits})


def docker_size(value: object) -> object:
    """A size in Docker's notation: `4Gi` is `4GB` there; anything else stays."""
    match = _KUBERNETES_SIZE.fullmatch(value) if isinstance(value, str) else None
    return f"{match[1]}{match[2]}B" if match else value


def docker(task: Holder) -> None:
    """`docker: {image, …}` → `containerImage`; its other members only matter to a Docker runner."""
    held = task.pop("docker")
    if isinstance(held, dict) and "image" in held:
        task.setdefault("containerImage", held["image"])


def runner(task: Holder) -> None:
    """`runner: PROCESS` → the Process task runner; `DOCKER` was the default and goes without a word."""
    if task.pop("runner") == "PROCESS":
        task.setdefault("taskRunner", {"type": PROCESS})


def error_handling(flow: Holder) -> None:
    """`errorHandling: [tasks]` or `errorHandling: {tasks: […]}` → `errors`."""
    held = flow.pop("errorHandling")
    if isinstance(held, dict):
        held = held.get("tasks", held.get("errors"))
    flow.setdefault("errors", held)


def check_condition(check: Holder) -> None:
    """`condition` → `when`."""
    check.setdefault("when", check.pop("condition"))


def when_on_task(task: Holder) -> None:
    """`when` on a task was a name of `runIf` for a month."""
    task.setdefault("runIf", task.pop("when"))


def canceled(task: Holder) -> None:
    """`state: CANCELED` → `CANCELLED`."""
    if task.get("state") == "CANCELED":
        task["state"] = "CANCELLED"


def input_type(held: Holder) -> None:
    """`BOOLEAN` → `BOOL`, `ENUM` → `SELECT`, lower case → upper case."""
    kind = held.get("type")
    if isinstance(kind, str):
        held["type"] = {"BOOLEAN": "BOOL", "ENUM": "SELECT"}.get(kind.upper(), kind.upper())


def drop_backfill(trigger: Holder) -> None:
    """`backfill` in the text has no effect: a backfill is started on the server."""
    trigger.pop("backfill")


def http_options(task: Holder) -> None:
    """Flat `options` of HTTP tasks → their groups `timeout`, `proxy` and `auth`."""
    held = task.get("options")
    if not isinstance(held, dict):
        return
    for old, (group, new) in _HTTP_GROUPS.items():
        if old in held:
            _put(held, group, new, held.pop(old))
    if "basicAuthUser" in held or "basicAuthPassword" in held:
        user, password = held.pop("basicAuthUser", None), held.pop("basicAuthPassword", None)
        held.setdefault("auth", {"type": "BASIC", "username": user, "password": password})
    for old in ("connectionPoolIdleTimeout", "maxContentLength", "logLevel"):
        held.pop(old, None)


_HTTP_GROUPS = {
    "connectTimeout": ("timeout", "connectTimeout"),
    "readTimeout": ("timeout", "readIdleTimeout"),
    "readIdleTimeout": ("timeout", "readIdleTimeout"),
    "proxyType": ("proxy", "type"),
    "proxyAddress": ("proxy", "address"),
    "proxyPort": ("proxy", "port"),
    "proxyUsername": ("proxy", "username"),
    "proxyPassword": ("proxy", "password"),
}
FLAT_OPTIONS = frozenset((*_HTTP_GROUPS, "basicAuthUser", "basicAuthPassword", "connectionPoolIdleTimeout"))


def ssl_options(task: Holder) -> None:
    """`sslOptions` → `options.ssl`."""
    _into_options(task, "ssl", task.pop("sslOptions"))


def allow_failed(task: Holder) -> None:
    """`allowFailed` → `options.allowFailed`."""
    _into_options(task, "allowFailed", task.pop("allowFailed"))


def _into_options(task: Holder, name: str, value: object) -> None:
    options = task.setdefault("options", {})
    if isinstance(options, dict):
        options.setdefault(name, value)


def _put(held: Holder, group: str, name: str, value: object) -> None:
    inner = held.setdefault(group, {})
    if isinstance(inner, dict):
        inner.setdefault(name, value)


def wait_for_limits(task: Holder) -> None:
    """The old name `WaitFor` keeps its old limits: 100 rounds, an hour, a second apart."""
    held = task.setdefault("checkFrequency", {})
    if isinstance(held, dict):
        for name, value in (("maxIterations", 100), ("maxDuration", "PT1H"), ("interval", "PT1S")):
            held.setdefault(name, value)


def echo(task: Holder) -> None:
    """`debug.Echo` → `log.Log`: the text is `message` there."""
    if "format" in task:
        task["message"] = task.pop("format")
