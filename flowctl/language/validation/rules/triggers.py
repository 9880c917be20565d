"""Schedule and Flow triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.cron import CronError, parse_cron, zone
from flowctl.language.findings import Path
from flowctl.language.flags import is_on
from flowctl.language.validation.context import Context, index_text
from flowctl.language.validation.rules.retries import positive
from flowctl.language.validation.rules.windows import check_window

_TRIGGER = "io.kestra.plugin.core.trigger."
CONTENT_TYPES = ("application/json", "text/plain")


def _schedule(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    text = _text(trigger.get("cron"))
    if text is not None:
        try:
            parse_cron(text, with_seconds=is_on(trigger.get("withSeconds")))
        except CronError as error:
            message = f"invalid cron expression '{text}': {error}"
            hint = "minute hour day-of-month month day-of-week, or a nickname such as @daily"
            context.say((*path, "cron"), index_text(path), message, "F338", hint=hint)
    positive(context, trigger, "lateMaximumDelay", path)
    _dates(context, trigger, path)


def _dates(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    """What schedules by cron and by dates have in common: a zone, and no `interval`, which other triggers have."""
    _timezone(context, trigger, path)
    if trigger.get("interval") not in (None, ""):
        at = (*path, "interval")
        context.say(at, index_text(at), "must be null", "F316", hint="remove it: the dates say when")


def _text(value: object) -> str | None:
    """A scalar as the text that a server reads."""
    if isinstance(value, (dict, list)) or value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _timezone(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    name = _text(trigger.get("timezone"))
    if name is None:
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
    _satisfied(context, trigger, path)
    window = trigger.get("window")
    if isinstance(window, dict):
        check_window(context, window, (*path, "window"), f"{shown}.window")
        _timezone(context, window, (*path, "window"))
    if not any(trigger.get(key) for key in ("dependsOn", "when", "conditions", "preconditions")):
        text = "a Flow trigger without conditions starts on every execution of the server"
        hint = "name the flows under `dependsOn`"
        context.say(path, shown, text, "F343", severity="warning", hint=hint)
    if isinstance(trigger.get("onMiss"), dict) and not _closes(trigger):
        text = "onMiss never fires: the trigger has no window that closes"
        hint = "give it a window with `deadline`, `from` and `to`, or `every`; one with `lookback` moves along"
        context.say((*path, "onMiss"), f"{shown}.onMiss", text, "F356", severity="warning", hint=hint)


def _closes(trigger: Mapping[str, object]) -> bool:
    """Whether a Flow trigger has a window that comes to an end unsatisfied; that of old preconditions is a day long."""
    if isinstance(trigger.get("dependsOn"), list):
        window = trigger.get("window")
        ends = ("deadline", "to", "every")
        return isinstance(window, dict) and "lookback" not in window and any(window.get(one) for one in ends)
    conditions = trigger.get("conditions")
    several = (one for one in (conditions if isinstance(conditions, list) else ()) if isinstance(one, dict))
    rules = trigger.get("preconditions") or next((one for one in several if _is_multiple(one)), None)
    window = rules.get("timeWindow", rules) if isinstance(rules, dict) else None
    return isinstance(window, dict) and window.get("type") != "SLIDING_WINDOW"


def _is_multiple(condition: Mapping[str, object]) -> bool:
    return str(condition.get("type", "")).endswith("MultipleCondition")


def _satisfied(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    """How many flows have to be met: one at least, and no more than there are."""
    least, flows = trigger.get("minSatisfied"), trigger.get("dependsOn")
    if not isinstance(least, (int, float)) or isinstance(least, bool) or context.dialect == "1.3":
        return
    at, hint = (*path, "minSatisfied"), "a number from 1 to that of the flows under `dependsOn`"
    if least < 1:
        context.say(at, index_text(at), "must be greater than 0", "F341", hint=hint)
    elif least > (len(flows) if isinstance(flows, list) else 0):
        text = "`minSatisfied` must be lower than or equal to the number of `dependsOn`"
        context.say(at, index_text(path), text, "F341", hint=hint)


def _webhook(context: Context, trigger: Mapping[str, object], path: Path) -> None:
    key, kind = trigger.get("key"), trigger.get("responseContentType")
    if isinstance(key, str) and not key.strip() and context.dialect == "2.0":
        context.say(
            (*path, "key"), index_text((*path, "key")), "must not be blank", "F311", hint="a key nobody guesses"
        )
    if kind is not None and kind not in CONTENT_TYPES:
        said = "invalid webhook: responseContentType must be either 'application/json' or 'text/plain'"
        context.say((*path, "responseContentType"), index_text(path), said, "F315", hint=f"found {kind!r}")


Rule = Callable[[Context, Mapping[str, object], Path], None]
TRIGGERS: Mapping[str, tuple[Rule, ...]] = {
    _TRIGGER + "Schedule": (_schedule,),
    _TRIGGER + "ScheduleOnDates": (_dates,),
    _TRIGGER + "Webhook": (_webhook,),
    _TRIGGER + "Flow": (_flow,),
}
