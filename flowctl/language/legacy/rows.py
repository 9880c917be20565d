"""What a row of the table of legacy spellings is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flowctl.model.environment import Dialect

Verdict = Literal["runs", "warns", "ignored", "refused"]
"""`warns`: runs, with a deprecation; `ignored`: accepted, without effect."""

Scope = Literal["flow", "task", "input", "output", "trigger", "retry", "check", "expression", "text"]
Holder = dict[str, object]


@dataclass(frozen=True, slots=True)
class Legacy:
    """One construct that is written differently today.

    `old` is the property's name, `scope` what carries it, `types` the last parts of the type names it is meant for
    (all without any). `rename` moves the value to another property, `change` does more than that (it gets the holder
    and takes the old property out). The three verdicts say what each dialect does with it; `hint` is what a user
    should write.
    """

    scope: Scope
    old: str
    hint: str
    v13: Verdict
    v20: Verdict
    lenient: Verdict
    rename: str = ""
    types: tuple[str, ...] = ()
    change: Callable[[Holder], None] | None = None
    construct: str = ""

    def verdict(self, dialect: Dialect) -> Verdict:
        """What a dialect does with it."""
        return self.v13 if dialect == "1.3" else self.v20 if dialect == "2.0" else self.lenient

    def meant_for(self, type_name: str) -> bool:
        """Whether a holder of this type is concerned; a type that ends in a dot is a package."""
        if not self.types:
            return True
        return any(type_name.startswith(one) if one.endswith(".") else type_name == one for one in self.types)
