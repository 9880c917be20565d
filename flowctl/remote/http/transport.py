"""Requests to one server: authenticated, timed, repeated where that is safe, and every failure a `ServerError`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from flowctl.errors import ServerError
from flowctl.remote.http import failures
from flowctl.remote.http.asked import Asked
from flowctl.remote.http.proxies import proxy_for
from flowctl.remote.http.retrying import ONCE, REPEATABLE, Pause, Retry, retry_after

if TYPE_CHECKING:
    import httpx

Log = Callable[[str], None]
CAPABILITIES = "flowctl-capabilities"
YAML = {"Content-Type": "application/x-yaml"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer, or one with a status that the caller expected."""

    asked: Asked
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON.

        Raises:
            ServerUnreachable: S209, it is not JSON.
        """
        try:
            value: object = orjson.loads(self.body)
        except ValueError:
            raise failures.not_json(self.asked, self.body, self.headers.get("content-type", "")) from None
        return value

    def mapping(self) -> Mapping[str, object]:
        """The body as a JSON object.

        Raises:
            ServerUnreachable: S209, it is not JSON; S210, it is another shape.
        """
        value = self.json()
        if not isinstance(value, dict):
            raise failures.odd_shape(self.asked, f"expected an object, found {type(value).__name__}")
        return value


class Transport:
    """Sends requests. Safe to use from several threads.

    `environment` is whose server it is: what errors say to type names it.
    """

    def __init__(
        self,
        client: httpx.Client,
        server: str,
        tenant: str,
        *,
        log: Log | None = None,
        pause: Pause = time.sleep,
        environment: str = "",
    ) -> None:
        self._client, self.server, self._log, self._pause = client, server, log, pause
        self._environment = environment
        self._tenant = f"/api/v1/{tenant}"

    def tenant(self, path: str) -> str:
        """A path below the tenant."""
        return self._tenant + path

    def get(self, path: str, *, params: Mapping[str, str] | None = None, expect: tuple[int, ...] = ()) -> Answer:
        """A read; repeated where it pays."""
        return self.send("GET", path, params=params, expect=expect)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        files: Mapping[str, tuple[str | None, bytes]] | None = None,
        expect: tuple[int, ...] = (),
        repeatable: bool | None = None,
        private: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """An answer with a status below 300, or with one of `expect`.

        `repeatable` defaults to every method but POST. `private` keeps what the server says out of errors.

        Raises:
            ServerUnreachable, ServerRefused: see `flowctl.remote.http.failures`.
        """
        asked = Asked(method, path, self.server, private, self._environment)
        options: dict[str, object] = {"params": params, "content": content, "headers": headers, "files": files}
        if timeout is not None:
            options["timeout"] = timeout
        again = (method != "POST") if repeatable is None else repeatable
        return self._with_retries(asked, options, expect, REPEATABLE if again else ONCE)

    def _with_retries(
        self, asked: Asked, options: Mapping[str, object], expect: tuple[int, ...], rule: Retry
    ) -> Answer:
        attempt = 1
        while True:
            try:
                return self._once(asked, options, expect)
            except ServerError as error:
                pause = rule.pause_after(error, attempt)
                if pause is None:
                    raise
                self._say(f"{asked}: {error}; again in {pause:.1f} s")
                self._pause(pause)
                attempt += 1

    def _once(self, asked: Asked, options: Mapping[str, object], expect: tuple[int, ...]) -> Answer:
        import httpx

        started = time.perf_counter()
        try:
            # httpx takes keyword options of many types; `send` is where they are given
            found = self._client.request(asked.method, self.server + asked.path, **options)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self._say(f"{asked}: no answer ({type(error).__name__})")
            proxy = proxy_for(self.server) if self._client.trust_env else None
            raise failures.no_answer(asked, error, proxy) from None
        self._say(
            f"{asked} {found.status_code} {(time.perf_counter() - started) * 1000:.0f} ms {len(found.content)} bytes"
        )
        if found.status_code < 300 or found.status_code in expect:
            return Answer(asked, found.status_code, found.headers, found.content)
        if found.is_redirect:
            raise failures.redirected(asked, found.status_code, found.headers["location"])
        raise failures.refused(
            asked,
            found.status_code,
            found.content,
            found.headers.get("content-type", ""),
            retry_after(found.headers),
        )

    def _say(self, line: str) -> None:
        if self._log is not None:
            self._log(line)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
