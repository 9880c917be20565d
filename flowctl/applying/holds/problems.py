"""What an apply says about flows that are held back or drained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import Stopped
from flowctl.model.plan import Change


def still_held(change: Change, why: str, waited: timedelta) -> Diagnostic:
    """A121, or A122 for a flow whose executions were waited for."""
    key, limit = change.key, _span(waited)
    if change.drain:
        return Diagnostic(
            "A122",
            "error",
            f"{key.address} was left as it was: its executions did not end within {limit}",
            why,
            "its text and its triggers are as before; end them, or wait longer with --quiet-timeout, and apply again",
            subject=key.address,
        )
    return Diagnostic(
        "A121",
        "error",
        f"{key.address} was held back, and not quiet within {limit}",
        why,
        "apply again later, or wait longer with --quiet-timeout; a flow that fires more often than the --quiet-window "
        "never gets quiet: give a shorter one, or switch its trigger off meanwhile (flowctl triggers disable)",
        subject=key.address,
    )


def _span(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} m"


def cannot_look(error: Iterable[Diagnostic]) -> Diagnostic:
    """A123, a warning while it is waited for a server that is away."""
    said = "the server does not say what runs; what may have to wait is held back"
    return Diagnostic("A123", "warning", said, _why(error))


def may_be_on(flow: FlowKey, trigger: str, environment: str, error: Iterable[Diagnostic]) -> Diagnostic:
    """A129: a trigger that was disabled before its flow was written."""
    said = "was disabled, and may be on now: its flow was written"
    return _left(("A129", said, "disable", "looks at it"), flow, trigger, environment, error)


def disabled_again(flow: FlowKey, trigger: str) -> Diagnostic:
    """A130, a warning: a trigger was on that an apply which was cut short should have left disabled."""
    return Diagnostic(
        "A130",
        "warning",
        f"trigger {trigger} of {flow.address} was disabled again",
        "it was disabled before an apply that was cut short wrote its flow, and was on now",
        "enable it on the server when it shall run",
        subject=flow.address,
    )


def stays_off(flow: FlowKey, trigger: str, environment: str, error: Iterable[Diagnostic]) -> Diagnostic:
    """A124: a trigger could not be switched on again."""
    return _left(("A124", "could not be switched on again", "enable", "tries it"), flow, trigger, environment, error)


def _left(
    kind: tuple[str, str, str, str], flow: FlowKey, trigger: str, environment: str, error: Iterable[Diagnostic]
) -> Diagnostic:
    """A trigger that is not as it should be. `kind` is the code, what is said of it, the command that puts it right,
    and what the next apply does."""
    code, said, command, then = kind
    return Diagnostic(
        code,
        "error",
        f"trigger {trigger} of {flow.address} {said}",
        _why(error),
        f"flowctl triggers {command} -e {environment} {flow} {trigger}; the next apply {then} too",
        subject=flow.address,
    )


def _why(error: Iterable[Diagnostic]) -> str:
    return "; ".join(f"{one.summary} [{one.code}]" for one in error)


def cannot_disable(flow: FlowKey, why: str) -> Diagnostic:
    """A125, a warning: the drain goes on, and waits for whatever is started meanwhile."""
    return Diagnostic(
        "A125",
        "warning",
        f"{flow.address} could not be disabled while it is drained: webhooks, other flows and people can start it",
        why,
        "keep them away until it is gone",
        subject=flow.address,
    )


def open_to_people(circle: Sequence[ObjectKey]) -> Diagnostic:
    """A128, a warning. `circle` are flows that call each other, or one that calls itself."""
    names, one = " and ".join(str(key) for key in circle), len(circle) == 1
    them, whole = ("it", "it is") if one else ("them", "all of them are")
    return Diagnostic(
        "A128",
        "warning",
        f"{names} {'calls itself' if one else 'call each other'}: people can start {them} until {whole} at rest",
        "disabled, the calls of what runs yet would fail; schedules, webhooks and Flow triggers start nothing more",
        f"keep people away until {'it is' if one else 'they are'} gone",
        subject=circle[0].address,
    )


def stays_disabled(flow: FlowKey, error: Iterable[Diagnostic]) -> Diagnostic:
    """A126: the text of a drained flow could not be put back."""
    return Diagnostic(
        "A126",
        "error",
        f"{flow.address} was disabled while it was drained, and its text could not be put back",
        _why(error),
        "apply again: the next apply tries it too; or take `disabled: true` out of its text on the server",
        subject=flow.address,
    )


def text_is_lost(stopped: Stopped) -> Diagnostic:
    """A127: the text from before a drain is lost."""
    return Diagnostic(
        "A127",
        "error",
        f"the server has revision {stopped.revision} of {stopped.flow.address} no more",
        f"its text had digest {stopped.digest[:12]}",
        "take `disabled: true` out of the text that is there",
        subject=stopped.flow.address,
    )
