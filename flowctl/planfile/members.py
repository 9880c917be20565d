"""Reading members of JSON data with a good word for each that is missing or of the wrong kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flowctl.errors import PlanError
from flowctl.model.keys import ObjectKey, parse_address

T = TypeVar("T")
_WORDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


class Members:
    """An object of the plan file. Unknown members are nobody's business here (a newer minor version has them)."""

    def __init__(self, data: object, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise malformed(where, "is not an object")
        self.data: dict[str, object] = data

    def has(self, name: str) -> bool:
        """Whether a member is there and not null."""
        return self.data.get(name) is not None

    def need(self, name: str, kind: type[T]) -> T:
        """A member of a kind.

        Raises:
            PlanError: P202, it is missing or of another kind.
        """
        value = self.data.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            found = "is missing" if name not in self.data else f"is not {_WORDS.get(kind, kind.__name__)}"
            raise malformed(self._at(name), found)
        return value

    def maybe(self, name: str, kind: type[T]) -> T | None:
        """A member of a kind, None when it is not there or null."""
        return self.need(name, kind) if self.has(name) else None

    def text(self, name: str) -> str:
        """A text, empty when it is not there."""
        return self.maybe(name, str) or ""

    def inner(self, name: str, read: Callable[[Members], T]) -> T | None:
        """What `read` makes of an inner object."""
        return read(Members(self.data[name], self._at(name))) if self.has(name) else None

    def items(self, name: str) -> list[object]:
        """The items of a list, none when it is not there."""
        return self.maybe(name, list) or []

    def each(self, name: str, read: Callable[[Members], T]) -> tuple[T, ...]:
        """What `read` makes of each object of a list."""
        pairs = enumerate(self.items(name))
        return tuple(read(Members(item, f"{self._at(name)}[{index}]")) for index, item in pairs)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(str(item) for item in self.items(name))

    def key(self, name: str) -> ObjectKey:
        """An object's key from its address."""
        return address(self.need(name, str), self._at(name))

    def maybe_key(self, name: str) -> ObjectKey | None:
        """An object's key, None when it is not there."""
        return self.key(name) if self.has(name) else None

    def keys(self, name: str) -> tuple[ObjectKey, ...]:
        """A list of objects' keys."""
        return tuple(address(text, self._at(name)) for text in self.texts(name))

    def time(self, name: str) -> datetime:
        """A point in time.

        Raises:
            PlanError: P202, it is none.
        """
        try:
            return datetime.fromisoformat(self.need(name, str))
        except ValueError:
            raise malformed(self._at(name), "is not a point in time") from None

    def maybe_time(self, name: str) -> datetime | None:
        """A point in time, None when it is not there."""
        return self.time(name) if self.has(name) else None

    def _at(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name


def address(text: str, where: str) -> ObjectKey:
    """A key from its address.

    Raises:
        PlanError: P202.
    """
    try:
        return parse_address(text)
    except ValueError:
        raise malformed(where, f"names no object: {text!r}") from None


def malformed(where: str, what: str) -> PlanError:
    """P202: the file is no plan."""
    hint = "make a new one with `flowctl plan ENV --out FILE.json`"
    return PlanError.of("P202", f"the plan file is damaged: {where or 'it'} {what}", hint=hint)
