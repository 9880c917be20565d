"""Secret values never reach a log: every value that was handed out is replaced by asterisks."""

from __future__ import annotations

import json
import threading

MASK = "******"
SHORTEST = 3


class Masker:
    """Remembers values and replaces them in texts. Values of one or two characters would blank everything: left."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._bytes: list[bytes] = []
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Hide this value, and each longer line of it, from now on, also as JSON writes them."""
        parts = {part for part in (value, *value.splitlines()) if len(part.strip()) >= SHORTEST and part != MASK}
        wanted = {form for part in parts for form in _forms(part)}
        with self._lock:
            fresh = wanted.difference(self._texts)
            if fresh:
                self._texts = sorted({*self._texts, *fresh}, key=len, reverse=True)
                inner = {form.encode("utf-8", "replace") for text in fresh for form in _forms(text)}
                self._bytes = sorted({*self._bytes, *inner}, key=len, reverse=True)

    def mask_json(self, data: bytes) -> bytes:
        """The bytes of a text or a JSON text with every remembered value hidden, as it is and as JSON writes it, also
        where the text of a JSON text is meant."""
        for form in self._bytes:
            if form in data:
                data = data.replace(form, MASK.encode())
        return data

    def mask_tree(self, value: object) -> object:
        """A structure with every remembered value hidden in its texts."""
        if isinstance(value, dict):
            return {key: self.mask_tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.mask_tree(item) for item in value]
        return self.mask(value) if isinstance(value, str) else value

    def mask(self, text: str) -> str:
        """The text with every remembered value hidden."""
        for value in self._texts:
            if value in text:
                text = text.replace(value, MASK)
        return text


def _forms(text: str) -> set[str]:
    """A text as it is, and as JSON writes it."""
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
