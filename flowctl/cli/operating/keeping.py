"""Servers that keep no secrets which flowctl could change: open-source ones of Kestra read theirs from variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flowctl.cli.operating.calls import NO_SUCH_ROUTE, Calls
from flowctl.errors import FlowctlError, ServerRefused

BY_VARIABLES = "give an open-source Kestra its secrets as variables: SECRET_NAME, in base64"


def read_only(calls: Calls) -> bool:
    """Whether the server lists its secrets as ones that nobody can change."""
    try:
        return calls.ask("GET", "/secrets", [("size", "1")]).mapping().get("readOnly") is True
    except ServerRefused as refusal:
        return refusal.status in NO_SUCH_ROUTE


@contextmanager
def kept_there(calls: Calls, unless: Callable[[], bool] = lambda: False, hint: str = BY_VARIABLES) -> Iterator[None]:
    """Around a change of secrets: C133 where the server has no such route, unless its answer means something else."""
    try:
        yield
    except ServerRefused as refusal:
        if refusal.status not in NO_SUCH_ROUTE or unless():
            raise
        detail = refusal.diagnostics[0].detail
        summary = f"the server of {calls.environment.name} lets nobody change secrets by this request"
        raise FlowctlError.of("C133", summary, detail, hint) from refusal
