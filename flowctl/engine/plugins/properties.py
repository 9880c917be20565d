"""A task's properties: rendered and converted when the task asks for them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Protocol


class Rendering(Protocol):
    """What properties need of the expression language. `extra` are further variables."""

    def text(self, template: str, extra: Mapping[str, object] | None = None) -> str:
        """A template rendered to text."""
        ...

    def typed(self, template: str, extra: Mapping[str, object] | None = None) -> object:
        """A template rendered so that a lone `{{ }}` keeps its type."""
        ...

    def printed(self, value: object) -> str:
        """A value as an expression prints it."""
        ...

    def single(self, template: str) -> bool:
        """Whether a text is one `{{ }}` and nothing else."""
        ...


class _Extended:
    """A rendering with further variables."""

    def __init__(self, inner: Rendering, extra: Mapping[str, object]) -> None:
        self._inner, self._extra = inner, extra

    def text(self, template: str, extra: Mapping[str, object] | None = None) -> str:
        return self._inner.text(template, {**self._extra, **(extra or {})})

    def typed(self, template: str, extra: Mapping[str, object] | None = None) -> object:
        return self._inner.typed(template, {**self._extra, **(extra or {})})

    def printed(self, value: object) -> str:
        return self._inner.printed(value)

    def single(self, template: str) -> bool:
        return self._inner.single(template)


class BadProperty(ValueError):
    """A property cannot be used; the message says which and why."""


class Properties:
    """The properties of one task. Names are those of the type; absent and null are the same."""

    def __init__(self, raw: Mapping[str, object], rendering: Rendering) -> None:
        self._raw, self._rendering = raw, rendering

    def raw(self, name: str) -> object:
        """The property as the flow's text has it, not rendered; None when absent."""
        return self._raw.get(name)

    def text(self, name: str, default: str | None = None) -> str | None:
        """A property rendered to text; maps and lists become JSON text."""
        value = self._raw.get(name)
        return default if value is None else self.rendered_text(value)

    def rendered_text(self, value: object) -> str:
        """Any value rendered to text."""
        return self._rendering.text(value) if isinstance(value, str) else self._rendering.printed(self.tree(value))

    def is_null(self, value: str) -> bool:
        """Whether a text is one `{{ }}` whose value is null."""
        return self._rendering.single(value) and self._rendering.typed(value) is None

    def text_of(self, value: object) -> str | None:
        """A value rendered to text; None stays."""
        return None if value is None else self.rendered_text(value)

    def rendered_without(self, names: Collection[str]) -> dict[str, object]:
        """All properties but some, with all texts in them rendered to text."""
        return {name: self.tree(value) for name, value in self._raw.items() if name not in names and value is not None}

    def required(self, name: str) -> str:
        """A property that must render to some text.

        Raises:
            BadProperty: it is absent or empty.
        """
        value = self.text(name)
        if value is None or value == "":
            raise BadProperty(f"`{name}` is required, but its value is {'absent' if value is None else 'empty'}")
        return value

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number.

        Raises:
            BadProperty: it is none.
        """
        value = self.text(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except ValueError:
            raise BadProperty(f"`{name}` is no whole number: {value!r}") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: `true` in any case is true.

        Raises:
            BadProperty: it is another text.
        """
        value = self._raw.get(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        text = self.rendered_text(value).strip().lower()
        if text in ("true", "false", ""):
            return default if not text else text == "true"
        raise BadProperty(f"`{name}` is neither true nor false: {text!r}")

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some words, in exactly their spelling.

        Raises:
            BadProperty: it is another word.
        """
        value = self.text(name) or default
        if value not in allowed:
            raise BadProperty(f"`{name}` is {value!r}, not one of {', '.join(allowed)}")
        return value

    def duration(self, name: str, default: int | None = None) -> int | None:
        """A duration in microseconds.

        Raises:
            BadProperty: it is none.
        """
        from flowctl.engine.executor.records.durations import rendered_micros

        value = self.text(name)
        try:
            length = None if value is None else rendered_micros(value)
            return default if length is None else length
        except ValueError as error:
            raise BadProperty(f"`{name}`: {error}") from None

    def tree(self, value: object) -> object:
        """A value with all texts in it rendered to text; null entries of maps are dropped, equal keys: first wins."""
        if isinstance(value, str):
            return self._rendering.text(value)
        if isinstance(value, dict):
            result: dict[str, object] = {}
            for key, item in value.items():
                if item is not None:
                    result.setdefault(self._rendering.text(str(key)), self.tree(item))
            return result
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        return value

    def typed(self, value: object) -> object:
        """A value rendered so that a lone `{{ }}` keeps its type, in maps and lists too."""
        if isinstance(value, str):
            return self._rendering.typed(value) if self._rendering.single(value) else self._rendering.text(value)
        if isinstance(value, dict):
            return {self._rendering.text(str(k)): self.typed(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.typed(item) for item in value]
        return value

    def mapping(self, name: str) -> dict[str, object]:
        """A map, given as one or as a template that renders to a JSON object; empty when absent.

        Raises:
            BadProperty: it is no map.
        """
        value = self._raw.get(name)
        value = _parse(name, self._rendering.text(value), "{}") if isinstance(value, str) else self.tree(value)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadProperty(f"`{name}` is no map: {self._rendering.printed(value)}")
        return value

    def listing(self, name: str) -> list[object]:
        """A list, given as one or as a template that renders to a JSON array; empty when absent.

        Raises:
            BadProperty: it is no list.
        """
        value = self._raw.get(name)
        value = _parse(name, self._rendering.text(value), "[]") if isinstance(value, str) else self.tree(value)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadProperty(f"`{name}` is no list: {self._rendering.printed(value)}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        return [item if isinstance(item, str) else self._rendering.printed(item) for item in self.listing(name)]

    def replaced(self, raw: Mapping[str, object]) -> Properties:
        """Other properties with the same variables."""
        return Properties(raw, self._rendering)

    def extended(self, extra: Mapping[str, object]) -> Properties:
        """The same properties, rendered with further variables."""
        return Properties(self._raw, _Extended(self._rendering, extra))

    def nested(self, name: str) -> Properties:
        """The properties of an object inside; without any when it is absent or no map."""
        value = self._raw.get(name)
        return Properties(value if isinstance(value, dict) else {}, self._rendering)


def _parse(name: str, text: str, empty: str) -> object:
    try:
        return json.loads(text.strip() or empty)
    except ValueError:
        raise BadProperty(f"`{name}` does not render to JSON: {text[:200]!r}") from None
