from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flowctl.errors import ServerError
from flowctl.model.environment import Auth, Tls
from flowctl.remote.client import connect
from flowctl.remote.http.connecting import server_address
from flowctl.remote.http.credentials import authorization
from tests.remote.answers import environment

BUNDLED = replace(environment("bundled"), auth=Auth())
BASIC = replace(environment(), auth=Auth(username_env="KESTRA_USER", password_env="KESTRA_PASSWORD"))


def test_a_token_from_its_variable() -> None:
    assert authorization(environment(), {"KESTRA_TOKEN": "abc"}) == "Bearer abc"


def test_user_and_password_from_their_variables() -> None:
    header = authorization(BASIC, {"KESTRA_USER": "ann@example.com", "KESTRA_PASSWORD": "pä:ss"})
    assert header is not None
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "ann@example.com:pä:ss"


@pytest.mark.parametrize("environ", [{}, {"KESTRA_TOKEN": ""}])
def test_a_missing_variable_is_named_with_the_file(environ: dict[str, str]) -> None:
    with pytest.raises(ServerError) as error:
        authorization(environment(), environ)
    one = error.value.diagnostics[0]
    assert one.code == "S101"
    assert "KESTRA_TOKEN" in one.summary
    assert one.path == "environments/prod.yaml"


def test_a_missing_variable_names_the_file_as_seen_from_the_workspace() -> None:
    elsewhere = replace(environment(), path=Path("/somewhere/environments/prod.yaml"))
    with pytest.raises(ServerError) as error:
        authorization(elsewhere, {})
    assert error.value.diagnostics[0].path == "environments/prod.yaml"


def test_all_missing_variables_are_named() -> None:
    with pytest.raises(ServerError) as error:
        authorization(BASIC, {})
    assert [one.code for one in error.value.diagnostics] == ["S101", "S101"]


def test_a_server_without_auth_gets_no_header() -> None:
    assert authorization(replace(environment(), auth=Auth()), {}) is None


def test_the_bundled_server_takes_the_token_that_is_handed_in() -> None:
    assert authorization(BUNDLED, {"FLOWCTL_SERVER_TOKEN": "other"}, "own") == "Bearer own"


def test_the_bundled_server_takes_its_own_variables() -> None:
    assert authorization(BUNDLED, {"FLOWCTL_SERVER_TOKEN": "t"}) == "Bearer t"
    found = authorization(BUNDLED, {"FLOWCTL_SERVER_USERNAME": "u", "FLOWCTL_SERVER_PASSWORD": "p"})
    assert found == "Basic " + base64.b64encode(b"u:p").decode()
    assert authorization(BUNDLED, {}) is None


@pytest.mark.parametrize("text", ["https://k.example.com/", "https://k.example.com/api/v1", "https://k.example.com"])
def test_an_address_is_trimmed(text: str) -> None:
    assert server_address(environment(text), None) == "https://k.example.com"


@pytest.mark.parametrize("text", ["ftp://x", "kestra.example.com", "https://", "https://x:port", "http://[::1"])
def test_an_odd_address_is_refused(text: str) -> None:
    with pytest.raises(ServerError) as error:
        server_address(environment(text), None)
    assert error.value.diagnostics[0].code == "S103"


@pytest.mark.parametrize("port", ["99999", "port", "-1"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(ServerError) as error:
        server_address(environment(f"http://k.example.com:{port}"), None)
    found = error.value.diagnostics[0]
    assert (found.code, found.hint) == ("S103", "a port is a number from 0 to 65535")
    assert port in found.summary


def test_a_password_in_front_of_a_bad_port_is_not_shown() -> None:
    with pytest.raises(ServerError) as error:
        server_address(environment("https://ann:hunter2@k.example.com:99999"), None)
    assert "hunter2" not in str(error.value.diagnostics)


def test_credentials_in_an_address_are_refused_and_not_shown() -> None:
    with pytest.raises(ServerError) as error:
        server_address(environment("https://ann:hunter2@k.example.com"), None)
    assert error.value.diagnostics[0].code == "S103"
    assert "hunter2" not in str(error.value.diagnostics)


def test_a_tls_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(ServerError) as error:
        connect(replace(environment(), tls=Tls(ca=missing)), {"KESTRA_TOKEN": "t"})
    one = error.value.diagnostics[0]
    assert one.code == "S102"
    assert str(missing) in one.detail


def test_a_tls_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ServerError) as error:
        connect(replace(environment(), tls=Tls(ca=tmp_path / "ca.pem")), {"KESTRA_TOKEN": "t"})
    assert error.value.diagnostics[0].code == "S102"


def test_an_encrypted_key_is_refused_and_nobody_asked_for_its_passphrase(tmp_path: Path) -> None:
    cert, key = encrypted_pair(tmp_path)
    with pytest.raises(ServerError) as error:
        connect(replace(environment(), tls=Tls(cert=cert, key=key)), {"KESTRA_TOKEN": "t"})
    found = error.value.diagnostics[0]
    assert (found.code, found.detail) == ("S102", str(key))
    assert found.summary == "the TLS key of environment prod is encrypted"


def encrypted_pair(directory: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key under a passphrase."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(day)
        .not_valid_after(day + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert, secret = directory / "cert.pem", directory / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, locked = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, locked))
    return cert, secret


@pytest.mark.parametrize("value", ["garbage://ann:hunter2@x", "http://ann:hunter2@x:port", "http://[::1"])
def test_a_proxy_without_a_sound_address_is_named_by_its_variable(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ServerError) as error:
        connect(environment(), {"KESTRA_TOKEN": "t"})
    found = error.value.diagnostics[0]
    assert (found.code, found.detail) == ("S116", "it is in HTTPS_PROXY")
    assert "hunter2" not in str(found)


def test_of_several_proxies_the_one_that_cannot_be_used_is_named_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("https_proxy", "127.0.0.1:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5://ann:hunter2@127.0.0.1:1080")
    with pytest.raises(ServerError) as error:
        connect(environment(), {"KESTRA_TOKEN": "t"})
    found = error.value.diagnostics[0]
    assert found.detail == "it is in ALL_PROXY: flowctl speaks to proxies by HTTP, not by SOCKS"
    assert "write it as http://HOST:PORT" in found.hint and "hunter2" not in str(found)


def test_authorities_that_are_not_there_are_named_by_their_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    with pytest.raises(ServerError) as error:
        connect(environment(), {"KESTRA_TOKEN": "t"})
    found = error.value.diagnostics[0]
    assert found.code == "S102"
    assert found.detail == f"SSL_CERT_FILE={tmp_path / 'none.pem'}"
