"""`encrypt` and `decrypt`: AES-GCM with a Base64 key of 16, 24 or 32 bytes.

The text is Base64 of a 12-byte nonce, the cipher text and a 16-byte tag.
"""

from __future__ import annotations

import base64
import binascii

from flowctl.language.expressions.errors import ExpressionError

NONCE = 12


def _bytes(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ExpressionError(f"The {what} is not Base64 text") from None


def _key(text: str) -> bytes:
    key = _bytes(text, "key")
    if len(key) not in (16, 24, 32):
        raise ExpressionError("The key has to be 16, 24 or 32 bytes long before its Base64 encoding")
    return key


def encrypt(key: str, plain: str, nonce: bytes) -> str:
    """The cipher text. Raises ExpressionError for an unusable key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return base64.b64encode(nonce + AESGCM(_key(key)).encrypt(nonce, plain.encode(), None)).decode("ascii")


def decrypt(key: str, encrypted: str) -> str:
    """The plain text. Raises ExpressionError for an unusable key, or a text that this key did not make."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    secret, raw = _key(key), _bytes(encrypted, "encrypted text")
    try:
        return AESGCM(secret).decrypt(raw[:NONCE], raw[NONCE:], None).decode()
    except (InvalidTag, ValueError):
        raise ExpressionError("The text cannot be decrypted with this key") from None
