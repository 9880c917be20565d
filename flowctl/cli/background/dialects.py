"""Whether the running server answers as the settings say: it keeps the dialect that it was started with."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.cli.background.record import ServerRecord
from flowctl.loading.workspace import SETTINGS, Workspace
from flowctl.model.environment import Environment

VARIABLE = "FLOWCTL_SERVER_DIALECT"
DEFAULT = "lenient"


def dialect_note(
    record: ServerRecord, workspace: Workspace, environ: Mapping[str, str], environment: Environment | None = None
) -> str | None:
    """What to do where the server answers in another dialect than it would be started with, or than `environment`'s
    files are checked by; None where they agree."""
    if record.dialect is None:
        return None
    answers = f"Note: the bundled server answers as {record.dialect}"
    stated = environ.get(VARIABLE) or workspace.dialect
    if record.dialect != (stated or DEFAULT):
        source = VARIABLE if environ.get(VARIABLE) else SETTINGS
        says = f"{source} says {stated}" if stated else f"{source} says nothing, which is {DEFAULT}"
        return f"{answers}, as it was started; {says} now. `flowctl server stop`, and the next command starts it anew."
    if environment is None or environment.dialect in (None, record.dialect) or environ.get(VARIABLE):
        return None
    rules = f"the files of {environment.name} are checked as {environment.dialect}"
    return f'{answers}, and {rules}. For both: `dialect: "{environment.dialect}"` in {SETTINGS}, `flowctl server stop`.'
