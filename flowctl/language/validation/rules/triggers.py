"""Schedule and Flow triggers (flow-language sheet 6.2 and 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.cron import CronError, parse_cron, zone
from flowctl.language.findings import Path
from flowctl.language.flags import is_on
from flowctl.language.validation.context import Context, index_text

_TRIGGER = "io.kestra.plugin.core.trigger."


def _schedule(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    text = trigger.get("cron")
    if isinstance(text, str):
        try:
            parse_cron(text, with_seconds=is_on(trigger.get("withSeconds")))
        except CronError as error:
            message = f"invalid cron expression '{text}': {error}"
            hint = "minute hour day-of-month month day-of-week, or a nickname such as @daily"
            context.say((*path, "cron"), index_text(path), message, "F338", hint=hint)
    _timezone(context, trigger, path)


def _timezone(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    name = trigger.get("timezone")
    if not isinstance(name, str):
        return
    try:
        zone(name)
    except ValueError:
        at = (*path, "timezone")
        hint = "a name such as Europe/Paris, or an offset such as +02:00"
        context.say(at, index_text(at), f"timezone '({name})' is not a valid time-zone ID", "F339", hint=hint)


def _flow(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    shown = index_text(path)
    if trigger.get("mode") == "AT_LEAST" and trigger.get("minSatisfied") is None:
        context.say(path, shown, "`minSatisfied` must be set when mode is AT_LEAST", "F341", hint="add `minSatisfied`")
    window = trigger.get("window")
    if isinstance(window, dict) and window.get("deadline") is not None and window.get("lookback") is not None:
        text = "Window of type `DAILY_TIME_DEADLINE` cannot have a lookback duration."
        context.say((*path, "window"), f"{shown}.window", text, "F342", hint="remove `lookback` or `deadline`")
    if not any(trigger.get(key) for key in ("dependsOn", "when", "conditions", "preconditions")):
        text = "a Flow trigger without conditions starts on every execution of the server"
        hint = "name the flows under `dependsOn`"
        context.say(path, shown, text, "F343", severity="warning", hint=hint)


Rule = Callable[[Context, Mapping[str, object], Path], None]
TRIGGERS: Mapping[str, tuple[Rule, ...]] = {
    _TRIGGER + "Schedule": (_schedule,),
    _TRIGGER + "ScheduleOnDates": (_timezone,),
    _TRIGGER + "Flow": (_flow,),
}
