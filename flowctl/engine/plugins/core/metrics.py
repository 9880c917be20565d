"""Publishing metrics of one's own."""

from __future__ import annotations

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task
from flowctl.language.durations import read_duration

KINDS = ("counter", "timer", "gauge")


class Publish(BuiltIn):
    """Records metrics of the task run."""

    name = "io.kestra.plugin.core.metric.Publish"

    def run(self, context: RunContext, properties: Properties) -> None:
        """All are read before the first is recorded."""
        for name, kind, value, tags in [_metric(properties, item) for item in properties.listing("metrics")]:
            context.metric(name, kind, value, tags)


def _metric(properties: Properties, item: object) -> tuple[str, str, float, dict[str, str]]:
    one = properties.replaced(item if isinstance(item, dict) else {})
    kind, text = one.choice("type", KINDS, "counter"), one.required("value")
    try:
        value = read_duration(text).total_seconds() if kind == "timer" else float(text)
    except ValueError:
        raise BadProperty(f"the {kind}'s `value` is {text!r}") from None
    return one.required("name"), kind, value, {key: one.rendered_text(tag) for key, tag in one.mapping("tags").items()}


TASKS: list[Task] = [Publish()]
