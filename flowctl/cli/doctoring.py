"""The checks of `doctor`, in an order in which each needs only what the ones before it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from flowctl.cli.connecting import reach, request_log
from flowctl.cli.console import Console
from flowctl.errors import FlowctlError, ServerError
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Environment
from flowctl.model.live import ServerIdentity
from flowctl.remote.http import identifying
from flowctl.remote.http.connecting import http_client, server_address
from flowctl.remote.http.proxies import bypassed, proxy_for
from flowctl.remote.http.transport import Transport
from flowctl.views.values import objects, plural

if TYPE_CHECKING:
    import httpx

State = Literal["ok", "warning", "failed", "not checkable"]
Clock = Callable[[], datetime]
SLOW_CLOCK = 5.0
FALSE_CLOCK = 60.0
DAY = 86_400.0
READS = {
    "read flows": "/flows/search?page=1&size=1",
    "read triggers": "/triggers/search?page=1&size=1",
    "read executions": "/executions/search?page=1&size=1",
    "read key-values": "/kv?page=1&size=1&filters[namespace][EQUALS]={namespace}",
    "read files": "/namespaces/{namespace}/files/directory?path=/",
}
_OLD_READS = {"read key-values": "/namespaces/{namespace}/kv"}  # 2.0 answers 405 there, and 1.0 has not the other
_CHECKS = {"S102": "TLS", "S103": "connection", "S116": "proxy"}
WRITES = ("write flows", "write key-values", "write files", "start executions")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's screen."""

    check: str
    state: State
    said: str
    hint: str = ""
    detail: str = ""


def examine(console: Console, workspace: Workspace, environment: Environment, clock: Clock) -> list[Finding]:
    """Every finding; stops where nothing further can be asked."""
    findings = [_files(workspace, environment, console)]
    try:
        way = reach(workspace, environment, console)
        address = server_address(environment, way.url)
        client = http_client(environment, console.environ, address, way.token)
    except FlowctlError as problem:
        return [*findings, _failed(_CHECKS.get(problem.diagnostics[0].code, "credentials"), problem)]
    findings += [_credentials(environment), _proxy(environment, address)]
    with client:
        seen = _Seen(clock)
        client.event_hooks = {"response": [seen.note]}
        transport = Transport(
            client, address, environment.tenant, log=request_log(console), environment=environment.name
        )
        findings += _server(transport, environment, seen, address)
    return findings


class _Seen:
    """What answers tell besides their bodies: the server's clock and the TLS connection."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset: float | None = None
        self.tls: str | None = None

    def note(self, response: httpx.Response) -> None:
        """Take down an answer's date, against the middle of the time that it took, and its connection."""
        from email.utils import parsedate_to_datetime

        stated = response.headers.get("date")
        if stated:
            with suppress(ValueError, TypeError):  # a date that is none, or one without a zone
                self.offset = (parsedate_to_datetime(stated) - self._clock()).total_seconds()
        stream = response.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        if tls is not None:
            certificate = tls.getpeercert() or {}
            until = certificate.get("notAfter")
            self.tls = f"{tls.version()}" + (f", certificate valid until {until}" if until else "")


def _files(workspace: Workspace, environment: Environment, console: Console) -> Finding:
    from flowctl.cli.validating import check_environment

    found = check_environment(workspace, environment.name, console)
    errors = sum(one.severity == "error" for one in found.diagnostics)
    if errors:
        return Finding("files", "failed", f"{errors} errors", f"flowctl validate {environment.name}")
    return Finding("files", "ok", f"sound ({objects(found.flows, found.files, found.kv)})")


def _credentials(environment: Environment) -> Finding:
    auth = environment.auth
    names = [name for name in (auth.token_env, auth.username_env, auth.password_env) if name]
    if names:
        return Finding("credentials", "ok", f"from {', '.join(names)}")
    if environment.bundled:
        return Finding("credentials", "ok", "the bundled server's own token")
    return Finding("credentials", "warning", "none", "name the variables that hold them in `auth`")


def _proxy(environment: Environment, address: str) -> Finding:
    """What the HTTP library will do: the variables of the environment, which a bundled server never obeys."""
    proxy = None if environment.bundled else proxy_for(address)
    if proxy is None and not environment.bundled and bypassed(address):
        return Finding("proxy", "ok", f"none for {urlsplit(address).hostname} (NO_PROXY)")
    return Finding("proxy", "ok", proxy or "none")


def _server(transport: Transport, environment: Environment, seen: _Seen, address: str) -> Iterator[Finding]:
    ask = identifying.from_own_routes if environment.bundled else identifying.from_configs
    try:
        identity = ask(transport, environment.tenant)
    except ServerError as problem:
        yield _failed("connection", problem)
        return
    yield Finding("connection", "ok", address)
    yield _tls(environment, address, seen)
    yield _version(identity)
    yield _clock(seen)
    for name, path in (READS if identity.modern else READS | _OLD_READS).items():
        yield _permission(transport, name, path.format(namespace=environment.namespace))
    for name in WRITES:
        yield Finding(name, "not checkable", "only a write would tell, and doctor writes nothing")
    yield _capabilities(identity)
    yield _ledger(transport, environment)


def _tls(environment: Environment, address: str, seen: _Seen) -> Finding:
    if address.startswith("http://"):
        if environment.bundled or urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1"):
            return Finding("TLS", "ok", "none, on this machine only")
        return Finding(
            "TLS", "warning", "none: credentials go over the network in the clear", "use an https:// address"
        )
    tls = environment.tls
    parts = [
        seen.tls or "in use",
        *([f"authority {tls.ca}"] if tls.ca else []),
        *(["client certificate"] if tls.cert else []),
    ]
    return Finding("TLS", "ok", ", ".join(parts))


def _version(identity: ServerIdentity) -> Finding:
    generation = "2.x" if identity.modern else "1.x"
    return Finding("version", "ok", f"{identity.edition} {identity.version} (routes of {generation})")


def _clock(seen: _Seen) -> Finding:
    """The header counts whole seconds, so that a difference below some seconds says nothing."""
    if seen.offset is None:
        return Finding("clock", "not checkable", "the server states no date that can be read")
    off = abs(seen.offset)
    said = f"{_span(off)} {'ahead of' if seen.offset > 0 else 'behind'} ours" if off >= SLOW_CLOCK else "as ours"
    state: State = "ok" if off < SLOW_CLOCK else "warning" if off < FALSE_CLOCK else "failed"
    return Finding("clock", state, said, "" if state == "ok" else "locks and schedules go by the clock: set it right")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * DAY else f"{seconds / DAY:.0f} days"


def _permission(transport: Transport, name: str, path: str) -> Finding:
    """Whether a listing answers; that a namespace does not exist is no refusal, that the tenant does not, is one."""
    from flowctl.errors import ServerRefused

    try:
        transport.get(transport.tenant(path), expect=(404,) if path.startswith("/namespaces/") else ())
    except ServerRefused as problem:
        return Finding(name, "failed", f"refused ({problem.status})", problem.diagnostics[0].hint)
    except ServerError as problem:
        return _failed(name, problem)
    return Finding(name, "ok", "allowed")


def _capabilities(identity: ServerIdentity) -> Finding:
    found = identity.capabilities
    names = [name for name, has in (("state", found.state), ("batch", found.batch)) if has]
    if names:
        return Finding("capabilities", "ok", f"{', '.join(names)}: fast plans, all-or-nothing applies")
    return Finding("capabilities", "ok", "Kestra's API alone: single writes, each fenced by a read just before it")


def _ledger(transport: Transport, environment: Environment) -> Finding:
    from flowctl.remote.bookkeeping.journal import Journal

    journal = Journal(transport)
    try:
        journal.fetch_ledger(environment.namespace)
        ledger, problem = journal.ledger(environment.namespace)
    except ServerError as error:
        return _failed("ledger", error)
    if problem is not None:
        return Finding("ledger", "failed", problem, "make a plan: it rebuilds what equals the files")
    if ledger is None:
        return Finding("ledger", "ok", "none yet: nothing was applied")
    return Finding("ledger", "ok", f"serial {ledger.serial}, {plural(len(ledger.entries), 'object')}")


def _failed(check: str, problem: FlowctlError) -> Finding:
    first = problem.diagnostics[0]
    return Finding(check, "failed", f"[{first.code}] {first.summary}", first.hint, first.detail)


def show_findings(console: Console, name: str, findings: list[Finding]) -> None:
    """Print one line for each finding, or one JSON document."""
    if console.json:
        import json

        rows = [asdict(finding) for finding in findings]
        console.show(json.dumps({"format": "1.0", "kind": "doctor", "environment": name, "findings": rows}, indent=2))
        return
    from flowctl.views.ansi import printable

    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        console.show(f"{finding.state:<13}  {finding.check:<{width}}  {finding.said}")
        for line in finding.detail.splitlines():
            console.show(f"{'':<13}  {'':<{width}}  {printable(line)}")
        if finding.hint and finding.state != "ok":
            console.show(f"{'':<13}  {'':<{width}}  -> {finding.hint}")
