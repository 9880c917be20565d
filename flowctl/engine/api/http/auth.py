"""Who is asking: basic or bearer, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
from hmac import compare_digest

from flowctl.engine.api.http.endpoint import Access
from flowctl.engine.api.http.problems import Problem
from flowctl.engine.settings import Credentials

CHALLENGE = {"WWW-Authenticate": "Basic"}


class Gate:
    """Decides over an `Authorization` header. Secrets are kept as digests, so lengths do not show either."""

    def __init__(self, credentials: Credentials) -> None:
        self._full = [_digest("bearer", credentials.token)] if credentials.token else []
        if credentials.username and credentials.password:
            self._full.append(_digest("basic", f"{credentials.username}:{credentials.password}"))
        self._reading = [_digest("bearer", credentials.readonly_token)] if credentials.readonly_token else []

    def check(self, header: bytes | None, access: Access) -> None:
        """Let the request pass.

        Raises:
            Problem: 401 without valid credentials, 403 when they may only read.
        """
        if access is Access.OPEN:
            return
        allowed = self._allowed(header) if header else None
        if allowed is None:
            raise Problem(401, "unauthenticated", "give a bearer token, or user and password", headers=CHALLENGE)
        if access is Access.WRITE and allowed is Access.READ:
            raise Problem(403, "forbidden", "this token may only read")

    def _allowed(self, header: bytes) -> Access | None:
        presented = _presented(header)
        if presented is None:
            return None
        full = [compare_digest(presented, secret) for secret in self._full]
        reading = [compare_digest(presented, secret) for secret in self._reading]
        return Access.WRITE if any(full) else Access.READ if any(reading) else None


def _presented(header: bytes) -> bytes | None:
    scheme, _, value = header.partition(b" ")
    kind = scheme.lower()
    value = value.strip()
    if kind == b"bearer":
        return hashlib.sha256(b"bearer " + value).digest()
    if kind != b"basic":
        return None
    try:
        return hashlib.sha256(b"basic " + base64.b64decode(value, validate=True)).digest()
    except binascii.Error:
        return None


def _digest(kind: str, secret: str) -> bytes:
    return hashlib.sha256(f"{kind} {secret}".encode()).digest()
