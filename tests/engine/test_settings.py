"""Settings: argument before variable before default, and what would be unsafe."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from flowctl.engine.settings import Credentials, Settings, check, from_environ
from flowctl.engine.tokens import with_credentials
from flowctl.errors import FlowctlError, ServerError, UsageError


def code(error: pytest.ExceptionInfo[FlowctlError]) -> str:
    return error.value.diagnostics[0].code


def test_defaults_are_loopback_and_lenient() -> None:
    found = from_environ({})
    assert (found.host, found.port, found.dialect, found.loopback) == ("127.0.0.1", 8080, "lenient", True)
    assert not found.credentials.given


def test_variables_and_arguments() -> None:
    environ = {
        "FLOWCTL_SERVER_PORT": "9000",
        "FLOWCTL_SERVER_DATA": "/data",
        "FLOWCTL_SERVER_DIALECT": "1.3",
        "FLOWCTL_SERVER_HOST": "::1",
        "FLOWCTL_SERVER_TOKEN": "t",
        "FLOWCTL_SERVER_READONLY_TOKEN": "r",
    }
    found = from_environ(environ)
    assert (found.port, found.data, found.dialect, found.host) == (9000, Path("/data"), "1.3", "::1")
    assert (found.credentials.token, found.credentials.readonly_token) == ("t", "r")
    given = from_environ(environ, port=0, data=Path("x"), dialect="2.0", host="localhost")
    assert (given.port, given.data, given.dialect, given.loopback) == (0, Path("x"), "2.0", True)


@pytest.mark.parametrize(
    "environ",
    [
        {"FLOWCTL_SERVER_PORT": "x"},
        {"FLOWCTL_SERVER_PORT": "70000"},
        {"FLOWCTL_SERVER_DIALECT": "3"},
        {"FLOWCTL_SERVER_RETENTION": "soon"},
        {"FLOWCTL_SERVER_RETENTION": "30m"},
    ],
)
def test_values_that_are_none(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        from_environ(environ)
    assert code(refused) == "S308"


def test_executions_are_kept_for_ever_or_for_a_time() -> None:
    assert from_environ({}).retention is None
    assert from_environ({"FLOWCTL_SERVER_RETENTION": "P30D"}).retention == timedelta(days=30)
    assert from_environ({"FLOWCTL_SERVER_RETENTION": "P30D"}, retention="90d").retention == timedelta(days=90)


def test_half_of_basic_credentials_is_refused() -> None:
    for half in ("USERNAME", "PASSWORD"):
        with pytest.raises(ServerError) as refused:
            from_environ({f"FLOWCTL_SERVER_{half}": "secret-text"})
        assert code(refused) == "S307"
        assert "secret-text" not in str(refused.value.diagnostics)


TLS = {"tls_cert": Path("c"), "tls_key": Path("k")}
TOKEN = Credentials(token="t")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(Path("d"), host="0.0.0.0"), "S305"),
        (Settings(Path("d"), host="::", insecure=True), "S305"),
        (Settings(Path("d"), host="0.0.0.0", credentials=TOKEN), "S306"),
        (Settings(Path("d"), host="example.org", credentials=TOKEN), "S306"),
        (Settings(Path("d"), tls_cert=Path("c")), "S306"),
        (Settings(Path("d"), host="0.0.0.0", credentials=TOKEN, insecure=True), None),
        (Settings(Path("d"), host="0.0.0.0", credentials=TOKEN, **TLS), None),
        (Settings(Path("d"), host="127.9.9.9"), None),
    ],
)
def test_hosts_that_others_can_reach_need_credentials_and_tls(settings: Settings, expected: str | None) -> None:
    if expected is None:
        check(settings)
        return
    with pytest.raises(ServerError) as refused:
        check(settings)
    assert code(refused) == expected
    assert refused.value.diagnostics[0].hint


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "new" / "data")
    first = with_credentials(settings).credentials.token
    assert first
    assert len(first) >= 32
    assert stat.S_IMODE(settings.token_file.stat().st_mode) == 0o600
    assert with_credentials(settings).credentials.token == first
    assert first not in repr(with_credentials(settings))


def test_a_token_that_others_can_read_or_that_is_empty_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with_credentials(settings)
    settings.token_file.chmod(0o644)
    with pytest.raises(ServerError) as refused:
        with_credentials(settings)
    assert code(refused) == "S310"
    settings.token_file.chmod(0o600)
    settings.token_file.write_text("\n")
    with pytest.raises(ServerError) as refused:
        with_credentials(settings)
    assert code(refused) == "S310"


def test_given_credentials_need_no_file(tmp_path: Path) -> None:
    settings = Settings(tmp_path, credentials=TOKEN)
    assert with_credentials(settings) is settings
    assert not settings.token_file.exists()


def test_secrets_do_not_show() -> None:
    shown = repr(Settings(Path("d"), credentials=Credentials("user", "the-password", "the-token", "the-reading")))
    assert not [word for word in ("the-password", "the-token", "the-reading") if word in shown]
