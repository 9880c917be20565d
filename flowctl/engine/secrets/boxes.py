"""What is kept sealed in files for a while: nobody seals it anew, and after a rotation of the keys it is as if gone."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from flowctl.engine.secrets.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Box:
    """Names and seals with one key; the names tell nothing of what they were made of."""

    key: bytes

    def name(self, data: bytes) -> str:
        """A digest that cannot be found by guessing, without the key."""
        return hmac.new(self.key, data, hashlib.sha256).hexdigest()

    def seal(self, place: str, data: bytes) -> bytes:
        """Bytes sealed for a place."""
        return seal(self.key, ("file", place), data)

    def open(self, place: str, data: bytes) -> bytes:
        """What was sealed for a place.

        Raises:
            ValueError: it was not, or with another key.
        """
        from cryptography.exceptions import InvalidTag

        try:
            return unseal(self.key, ("file", place), data)
        except InvalidTag:
            raise ValueError(f"{place} is not what was sealed") from None
