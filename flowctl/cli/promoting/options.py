"""What the options of `flowctl promote` ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowctl.errors import UsageError


@dataclass(frozen=True, slots=True)
class PromoteWishes:
    """Which flows, and who takes the responsibility for which; see the help of the command."""

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """How far to go. A pull request needs a pushed branch, a pushed branch a branch; `branch` "" names it itself."""

    branch: str | None = None
    push: bool = False
    pull_request: bool = False
    apply: bool = False

    @property
    def makes_branch(self) -> bool:
        """Whether a branch is made."""
        return self.branch is not None or self.push or self.pull_request

    @property
    def pushes(self) -> bool:
        """Whether the branch is pushed."""
        return self.push or self.pull_request


def allowed_unproven(names: Sequence[str], reasons: Sequence[str]) -> dict[str, str]:
    """The flows that may go without proof, with the reason of each.

    Raises:
        UsageError: C150, a name without a reason, or a reason without a name.
    """
    if bool(names) != bool(reasons) or len(reasons) not in (0, 1, len(names)):
        hint = "give --reason TEXT once for all of them, or once for each, in their order"
        allowed = f"{len(names)} flow{' is' if len(names) == 1 else 's are'} allowed unproven"
        raise UsageError.of(
            "C150", f"{allowed}, with {len(reasons)} reason{'' if len(reasons) == 1 else 's'}", hint=hint
        )
    if not all(reason.strip() for reason in reasons):
        raise UsageError.of("C150", "the reason is empty", hint="say in a few words why the flow may go unproven")
    return dict(zip(names, reasons if len(reasons) == len(names) else list(reasons) * len(names), strict=True))
