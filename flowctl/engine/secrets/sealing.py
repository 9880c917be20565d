"""Sealing a text with AES-256-GCM; where it stands is bound to it, so that rows cannot be swapped."""

from __future__ import annotations

import os

NONCE_BYTES = 12


def seal(key: bytes, place: tuple[str, str], value: str) -> bytes:
    """The sealed text: a fresh nonce, then ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), "\n".join(place).encode())


def unseal(key: bytes, place: tuple[str, str], sealed: bytes) -> str:
    """The text.

    Raises:
        InvalidTag: it was sealed for another place or by another key.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, body, "\n".join(place).encode()).decode()
