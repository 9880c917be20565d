"""H14 and H15: addresses of webhooks, which others have written down, and keys that everybody may read."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.flags import is_on
from flowctl.planning.hazards.sighting import Sighting
from flowctl.planning.hazards.world import Subject, Value, World, by_id, is_core_trigger


def addresses(world: World, subject: Subject) -> Iterator[Sighting]:
    """H14: the address has the flow's namespace and id and the trigger's key in it; when one changes, it dies."""
    hooks = {} if subject.was_off else {name: one for name, one in _webhooks(subject.before).items() if _answers(one)}
    if subject.goes:
        for name in hooks:
            what = f"moves to {subject.change.moved_to}" if subject.change.moved_to is not None else "goes"
            yield _dead(subject, f"the flow {what}, and the address of webhook {name} with it")
        return
    now = _webhooks(subject.after)
    for name, (_, hook) in hooks.items():
        at = ("triggers", now[name][0]) if name in now else ()
        if name not in now and not any(other["key"] == hook.get("key") for _, other in now.values() if "key" in other):
            yield _dead(subject, f"webhook {name} goes, and its address with it")
        elif name in now and now[name][1].get("key") != hook.get("key"):
            yield _dead(subject, f"the key of webhook {name} changes: its old address answers no more", (*at, "key"))
        elif name in now:
            yield from _asleep(subject, name, now[name])


def _answers(hook: tuple[int, Value]) -> bool:
    return not is_on(hook[1].get("disabled"))


def _asleep(subject: Subject, name: str, now: tuple[int, Value]) -> Iterator[Sighting]:
    """H14 for an address that stays and is switched off."""
    hint = "tell the senders, then set policy.hazards H14 to warn"
    if is_on(now[1].get("disabled")):
        text = f"webhook {name} is disabled, and its address answers no more"
        yield Sighting("H14", subject.key, text, _address(subject), hint, ("triggers", now[0], "disabled"))
    elif subject.after is not None and is_on(subject.after.get("disabled")):
        text = f"the flow is disabled, and webhook {name} refuses whoever calls it"
        yield Sighting("H14", subject.key, text, _address(subject), hint, ("disabled",))


def _address(subject: Subject) -> str:
    return f"/executions/webhook/{subject.key.namespace}/{subject.key.id}/(key)"


def _dead(subject: Subject, summary: str, at: tuple[str | int, ...] = ()) -> Sighting:
    hint = "tell the senders, keep the old key until they have changed, then set policy.hazards H14 to warn"
    return Sighting("H14", subject.key, summary, _address(subject), hint, at)


def clear_keys(world: World, subject: Subject) -> Iterator[Sighting]:
    """H15: whoever reads the file or the pull request can call the webhook."""
    before = _webhooks(subject.before)
    for name, (index, hook) in _webhooks(subject.after).items():
        key = hook.get("key")
        known = name in before and before[name][1].get("key") == key
        if isinstance(key, str) and "{{" not in key and not known:
            yield Sighting(
                "H15", subject.key, f"webhook {name} has its key in clear text",
                hint="write key: \"{{ secret('NAME') }}\" and put the key among the secrets",
                at=("triggers", index, "key"),
            )  # fmt: skip


def _webhooks(flow: Value | None) -> dict[str, tuple[int, Value]]:
    return {name: item for name, item in by_id(flow, "triggers").items() if is_core_trigger(item[1], "Webhook")}
