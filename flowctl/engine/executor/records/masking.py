"""Secret values never reach a log: every value that was handed out is replaced by asterisks."""

from __future__ import annotations

import json
import threading

MASK = "******"
SHORTEST = 3


class Masker:
    """Remembers values and replaces them in texts. Values of one or two characters would blank everything: left."""

    def __init__(self) -> None:
        self._values: list[str] = []
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Hide this value, and each longer line of it, from now on."""
        wanted = {part for part in (value, *value.splitlines()) if len(part.strip()) >= SHORTEST and part != MASK}
        with self._lock:
            fresh = wanted.difference(self._values)
            if fresh:
                self._values = sorted({*self._values, *fresh}, key=len, reverse=True)

    def mask_json(self, data: bytes) -> bytes:
        """The bytes of a text or a JSON text with every remembered value hidden, as it is and as JSON writes it."""
        for value in self._values:
            for form in {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}:
                data = data.replace(form.encode(), MASK.encode())
        return data

    def mask(self, text: str) -> str:
        """The text with every remembered value hidden."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return text
