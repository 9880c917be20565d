"""Options of HTTP tasks, in the spellings of all versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowctl.engine.plugins.properties import BadProperty, Properties

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Login = httpx.Auth | tuple[str, str] | Callable[[httpx.Request], httpx.Request] | None

DEFAULT_SECONDS = 10.0
MOST_REDIRECTS = 50


@dataclass(frozen=True, slots=True)
class Options:
    """How a request is made. Times in seconds."""

    connect_seconds: float | None = None
    read_seconds: float | None = None
    follow: bool = True
    auth: tuple[str, str] | None = None
    digest: bool = False
    bearer: str | None = None
    trust_all: bool = False
    proxy: str | None = None
    allow_failed: bool = False
    allowed_codes: tuple[int, ...] = ()

    def client(self) -> httpx.Client:
        """A client that follows the options."""
        import httpx

        return httpx.Client(
            follow_redirects=self.follow,
            max_redirects=MOST_REDIRECTS,
            timeout=httpx.Timeout(self.read_seconds, connect=self.connect_seconds or DEFAULT_SECONDS),
            verify=not self.trust_all,
            trust_env=False,
            auth=self._login(),
            proxy=self.proxy,
        )

    def _login(self) -> Login:
        import httpx

        if self.bearer:
            return self._signed
        return httpx.DigestAuth(*self.auth) if self.auth and self.digest else self.auth

    def _signed(self, request: httpx.Request) -> httpx.Request:
        """The request with the token, which wins over a header of the same name."""
        request.headers["Authorization"] = f"Bearer {self.bearer}"
        return request


def options_of(properties: Properties) -> Options:
    """The options of a task."""
    options = properties.nested("options")
    times, ssl, auth = options.nested("timeout"), options.nested("ssl"), options.nested("auth")
    kind = (auth.text("type") or "").upper()
    named = kind in ("BASIC", "DIGEST")
    user = auth.text("username") if named else options.text("basicAuthUser")
    password = auth.text("password") if named else options.text("basicAuthPassword")
    return Options(
        connect_seconds=_limit("connectTimeout", times, options, "connectTimeout"),
        read_seconds=_limit("readIdleTimeout", times, options, "readTimeout"),
        follow=options.flag("followRedirects", True),
        auth=(user, password or "") if user else None,
        digest=kind == "DIGEST",
        bearer=auth.text("token") if kind == "BEARER" else None,
        trust_all=ssl.flag("insecureTrustAllCertificates")
        or properties.nested("sslOptions").flag("insecureTrustAllCertificates"),
        proxy=_proxy(options),
        allow_failed=properties.flag("allowFailed") or options.flag("allowFailed"),
        allowed_codes=tuple(int(code) for code in options.texts("allowedResponseCodes")),
    )


def _limit(name: str, times: Properties, options: Properties, older: str) -> float | None:
    """A time limit in seconds, in the spelling of now or of before.

    Raises:
        BadProperty: it is below zero.
    """
    micros = times.duration(name) or options.duration(older)
    if micros is not None and micros < 0:
        raise BadProperty(f"`{name}` must not be below zero")
    return None if micros is None else micros / 1_000_000


def _proxy(options: Properties) -> str | None:
    """The address of a proxy, in the spelling of 1.x and later or in the one before."""
    proxy = options.nested("proxy")
    address = proxy.text("address") or options.text("proxyAddress")
    port = proxy.integer("port") or options.integer("proxyPort") or 3128
    user = proxy.text("username") or options.text("proxyUsername")
    password = proxy.text("password") or options.text("proxyPassword") or ""
    account = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    return f"http://{account}{address}:{port}" if address else None
