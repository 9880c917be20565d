"""Digests decide whether something changed; they are over exact bytes."""

from __future__ import annotations

import hashlib
import json


def text_digest(text: str) -> str:
    """SHA-256 in hex of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def bytes_digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def kv_digest(kind: str, value: object) -> str:
    """Digest of a key-value pair's type and value; numbers that are equal have equal digests (`1` and `1.0`)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{kind}\n{canonical}".encode()).hexdigest()
