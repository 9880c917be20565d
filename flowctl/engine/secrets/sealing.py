"""Sealing bytes with AES-256-GCM; where they stand is bound to them, so that rows cannot be swapped."""

from __future__ import annotations

import os
from collections.abc import Sequence

NONCE_BYTES = 12


def seal(key: bytes, place: Sequence[str], data: bytes) -> bytes:
    """The sealed bytes: a fresh nonce, then ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, "\n".join(place).encode())


def unseal(key: bytes, place: Sequence[str], sealed: bytes) -> bytes:
    """What was sealed.

    Raises:
        InvalidTag: it was sealed for another place or by another key.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, body, "\n".join(place).encode())
