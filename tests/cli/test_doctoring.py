"""The doctor against answers that a real server gives in bad hours; the good hour is in the story tests."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from flowctl.cli.console import Console
from flowctl.cli.doctoring import _clock, _proxy, _Seen, _server, _tls, show_findings
from flowctl.model.environment import Environment, Tls
from flowctl.remote.http.transport import Transport

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
HERE = Environment("prod", Path("environments/prod.yaml"), "https://k.example", (), "prod", ("prod",))


def answers(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/api/v1/configs":
        return httpx.Response(200, json={"version": "1.3.19", "uuid": "u", "edition": "OSS"}, headers={"Date": DATE})
    if "executions" in request.url.path:
        return httpx.Response(403, json={"message": "no"})
    if "/kv/" in request.url.path:
        return httpx.Response(404)
    return httpx.Response(200, json={"results": [], "total": 0})


DATE = "Thu, 01 Jan 2026 12:02:00 GMT"


def findings(handler: httpx.MockTransport, environment: Environment = HERE) -> dict[str, tuple[str, str]]:
    seen = _Seen(lambda: NOW)
    with httpx.Client(transport=handler, event_hooks={"response": [seen.note]}) as client:
        transport = Transport(client, environment.server, "main", pause=lambda _: None)
        return {f.check: (f.state, f.said) for f in _server(transport, environment, seen, environment.server)}


def test_version_clock_and_permissions_are_told_apart() -> None:
    found = findings(httpx.MockTransport(answers))
    assert found["version"] == ("ok", "OSS 1.3.19 (routes of 1.x)")
    assert found["clock"] == ("failed", "120 s ahead of ours")
    assert found["read flows"] == ("ok", "allowed")
    assert found["read executions"] == ("failed", "refused (403)")
    assert found["write flows"][0] == "not checkable"
    assert found["capabilities"][1].startswith("Kestra's API alone")
    assert found["ledger"] == ("ok", "none yet: nothing was applied")


def test_a_tenant_that_is_not_there_fails_each_listing() -> None:
    def elsewhere(request: httpx.Request) -> httpx.Response:
        return (
            answers(request) if request.url.path == "/api/v1/configs" else httpx.Response(404, json={"message": "no"})
        )

    found = findings(httpx.MockTransport(elsewhere))
    assert [found[name] for name in ("read flows", "read triggers", "read executions")] == [
        ("failed", "refused (404)")
    ] * 3
    assert found["read files"] == ("ok", "allowed")  # that a namespace has none is no refusal


def test_nothing_is_ever_written() -> None:
    methods = set()

    def note(request: httpx.Request) -> httpx.Response:
        methods.add(request.method)
        return answers(request)

    findings(httpx.MockTransport(note))
    assert methods == {"GET"}


def test_a_server_that_does_not_answer_ends_the_examination() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    found = findings(httpx.MockTransport(refuse))
    assert list(found) == ["connection"] and found["connection"][0] == "failed"
    assert found["connection"][1].startswith("[S")


def test_what_went_wrong_is_told_in_full() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired")

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client:
        transport = Transport(client, HERE.server, "main", pause=lambda _: None)
        (found,) = _server(transport, HERE, _Seen(lambda: NOW), HERE.server)
    assert found.said == "[S114] the server https://k.example shows a certificate that is not valid today"
    out = io.StringIO()
    show_findings(Console(out, io.StringIO(), {}), "prod", [found])
    assert "GET /api/v1/configs: [SSL: CERTIFICATE_VERIFY_FAILED]" in out.getvalue()
    assert "-> renew the server's certificate" in out.getvalue()


@pytest.mark.parametrize("date", ["not a date", "Thu, 01 Jan 2026 12:02:00 -0000", "Thu, 99 Jan 2026 12:02:00 GMT"])
def test_a_date_that_is_none_is_not_checkable(date: str) -> None:
    seen = _Seen(lambda: NOW)
    seen.note(httpx.Response(200, headers={"Date": date}))
    assert _clock(seen).state == "not checkable"


@pytest.mark.parametrize(
    ("offset", "state", "said"),
    [
        (None, "not checkable", "the server states no date that can be read"),
        (1.4, "ok", "as ours"),
        (-20.0, "warning", "20 s behind ours"),
        (90.0, "failed", "90 s ahead of ours"),
        (-189_304_924.0, "failed", "2191 days behind ours"),
    ],
)
def test_the_clock(offset: float | None, state: str, said: str) -> None:
    seen = _Seen(lambda: NOW)
    seen.offset = offset
    found = _clock(seen)
    assert (found.state, found.said) == (state, said)


def test_the_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert _proxy(HERE, "https://k.example").said == "proxy.example:3128"
    monkeypatch.setenv("no_proxy", "k.example")
    assert _proxy(HERE, "https://k.example").said == "none for k.example (NO_PROXY)"


def test_plain_http_over_a_network_is_a_warning_and_own_files_are_named() -> None:
    assert _tls(HERE, "http://k.example", _Seen(lambda: NOW)).state == "warning"
    own = replace(HERE, tls=Tls(ca=Path("ca.pem"), cert=Path("c.pem"), key=Path("k.pem")))
    seen = _Seen(lambda: NOW)
    seen.tls = "TLSv1.3"
    assert _tls(own, "https://k.example", seen).said == "TLSv1.3, authority ca.pem, client certificate"
