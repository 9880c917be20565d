"""Everything flowctl raises on purpose.

    FlowctlError                 exit 1   carries diagnostics, one page each in the catalogue
    ├── UsageError               exit 64  the command line is wrong
    ├── ProjectError             exit 1   the files are unsound (F…)
    ├── PlanError                exit 1   a plan is refused or unreadable (P…)
    ├── ApplyError               exit 1   an apply is refused, stopped or locked out (A…)
    ├── ServerError              exit 1   the server cannot be reached, or says no (S…)
    │   ├── ServerUnreachable             no answer: `sent` says whether the request may have arrived
    │   └── ServerRefused                 an answer with an error status
    ├── ExecutionEnded           exit 3   an execution that was waited for ended KILLED or CANCELLED
    └── Interrupted              exit 130 stopped by the user

A command lets them rise to `flowctl.cli.main`, which prints them and exits; no traceback reaches a user.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from flowctl.model.diagnostic import Diagnostic


class FlowctlError(Exception):
    """The root. `diagnostics` is never empty; `str()` is the first summary."""

    exit_code = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].summary if diagnostics else type(self).__name__)
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics

    @classmethod
    def of(cls, code: str, summary: str, detail: str = "", hint: str = "", path: str | None = None) -> Self:
        """An error with one diagnostic."""
        return cls(Diagnostic(code, "error", summary, detail, hint, path))


class UsageError(FlowctlError):
    """The command line is wrong."""

    exit_code = 64


class ProjectError(FlowctlError):
    """The project's files are unsound; all problems of all files are here."""

    @classmethod
    def collect(cls, diagnostics: Iterable[Diagnostic]) -> ProjectError:
        """One error from many problems."""
        return cls(*diagnostics)


class PlanError(FlowctlError):
    """A plan is refused, stale or unreadable."""


class ApplyError(FlowctlError):
    """An apply is refused, locked out or failed."""


class ServerError(FlowctlError):
    """The server cannot be reached or says no."""


class ServerUnreachable(ServerError):
    """No usable answer. `sent` is False only when the request certainly did not arrive."""

    def __init__(self, diagnostic: Diagnostic, *, sent: bool) -> None:
        super().__init__(diagnostic)
        self.sent = sent


class ServerRefused(ServerError):
    """An answer with an error status; `retry_after` in seconds when the server named it."""

    def __init__(self, diagnostic: Diagnostic, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(diagnostic)
        self.status = status
        self.retry_after = retry_after


class ExecutionEnded(FlowctlError):
    """An execution ended KILLED or CANCELLED."""

    exit_code = 3


class Interrupted(FlowctlError):
    """Stopped by the user."""

    exit_code = 130
