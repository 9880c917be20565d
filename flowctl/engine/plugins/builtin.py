"""A base for the built-in tasks: their descriptions stand in the language's catalogue."""

from __future__ import annotations

from flowctl.language.types import find_type
from flowctl.language.types.spec import TypeSpec


class BuiltIn:
    """A task whose `name` is a type of the catalogue. `inline` as in the protocol."""

    name: str = ""
    inline: bool = True

    @property
    def spec(self) -> TypeSpec:
        """The description of the type."""
        found = find_type(self.name)
        assert found is not None, self.name
        return found.spec
