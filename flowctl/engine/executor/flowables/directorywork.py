"""What a WorkingDirectory does with files before and after its tasks, on a worker: files may be many."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.flowables.keptfiles import KeptFiles, TooMuch
from flowctl.engine.executor.services import Services
from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import RunContext
from flowctl.engine.plugins.scripts.files import collect, prepare

BEFORE, AFTER = ("inputFiles", "namespaceFiles", "cache"), ("outputFiles", "cache")
"""The properties that there is something to do for."""


class Preparation(BuiltIn):
    """Writes the files that an earlier run has kept, then those that the task asks for."""

    name = "io.kestra.plugin.core.flow.WorkingDirectory"
    inline = False

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(self, context: RunContext, properties: Properties) -> None:
        """Raises as tasks do."""
        kept = _kept(self._services, context, properties)
        if kept is not None:
            try:
                number = kept.restore(context.directory, self._services.clock())
                context.log("DEBUG", f"{number} files of an earlier run are there")
            except OSError as error:
                context.log("WARN", f"files of an earlier run are not there: {error}")
        prepare(context, properties, context.directory)


class Collection(BuiltIn):
    """Stores the output files, and where `keeping` those that the next run is to find."""

    name = "io.kestra.plugin.core.flow.WorkingDirectory"
    inline = False

    def __init__(self, services: Services, *, keeping: bool) -> None:
        self._services, self._keeping = services, keeping

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """The addresses of the output files, when there are any."""
        found = collect(context, properties, context.directory)
        kept = _kept(self._services, context, properties) if self._keeping else None
        if kept is not None:
            try:
                number = kept.keep(context.directory, self._services.clock())
                said = "as before" if number is None else number
                context.log("DEBUG", f"files kept for the next run: {said}")
            except (OSError, TooMuch) as error:
                context.log("WARN", f"files are not kept for the next run: {error}")
        return {"outputFiles": found} if found else {}


def _kept(services: Services, context: RunContext, properties: Properties) -> KeptFiles | None:
    """The files between two runs; None when the task asks for none.

    Raises:
        ExpressionError: the patterns or the time cannot be rendered.
        BadProperty: they are no list, or no duration.
    """
    if not isinstance(properties.raw("cache"), dict):
        return None
    wish = properties.nested("cache")
    return KeptFiles.of(services.storage, context.place, wish.texts("patterns"), wish.duration("ttl"))
