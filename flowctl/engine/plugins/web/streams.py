"""Reading a stream of server-sent events."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.engine.plugins.web.addresses import address
from flowctl.engine.plugins.web.events import events_of
from flowctl.engine.plugins.web.options import options_of
from flowctl.engine.plugins.web.requests import LARGEST_BODY, answer
from flowctl.language.expressions.errors import ExpressionError


class SseRequest(BuiltIn):
    """Reads a stream of server-sent events to its end."""

    name = "io.kestra.plugin.core.http.SseRequest"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`, `size`: how many events there are, and `events`; with `concatJqExpression` instead of these `result`,
        the texts that it finds, joined.

        A status of 400 and more is no failure (as seen on a real 2.0).
        """
        with answer(context, properties, options_of(properties)) as response:
            events = list(events_of(response.iter_lines(), LARGEST_BODY))
        about: dict[str, object] = {"uri": address(properties), "size": len(events)}
        program = properties.text("concatJqExpression")
        if not program or not events:
            return {**about, "events": events}
        strict = properties.flag("failedOnMissingJq", True)
        return {**about, "result": "".join(_found(context, program, event, strict) for event in events)}


def _found(context: RunContext, program: str, event: Mapping[str, object], strict: bool) -> str:
    """The last text that a jq program finds in an event; empty when there is none and that is no failure."""
    try:
        results = context.evaluate("{{ event | jq(program) }}", {"event": event, "program": program})
    except ExpressionError as error:
        if strict:
            raise TaskFailure(f"{program!r} fails for the event {event}: {error}") from error
        return ""
    last = results[-1] if isinstance(results, list) and results else None
    if isinstance(last, str):
        return last
    if strict:
        raise TaskFailure(f"{program!r} finds no text in the event {event}; `failedOnMissingJq: false` leaves it out")
    return ""


TASKS: list[Task] = [SseRequest()]
