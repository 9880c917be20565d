"""What a plan says beside its changes, and what it refuses; each with the option that overrides it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import LedgerEntry, Lock
from flowctl.model.moving import mark_of
from flowctl.model.project import KeyValue
from flowctl.planning.differences.ownership import LiveObject, revision_of
from flowctl.planning.ordering.callers import Call
from flowctl.planning.where import relative


def not_ours(key: ObjectKey, have: LiveObject, environment: str, path: str | None) -> Diagnostic:
    """P101: something else with the same name is on the server."""
    revision = revision_of(have)
    found = f"revision {revision}, " if revision is not None else ""
    return Diagnostic(
        "P101",
        "error",
        f"{key.address} is already on the server with other content, and flowctl did not apply it",
        f"on the server: {found}digest {have.digest[:12]}",
        f"look at the difference; to overwrite it: flowctl adopt {environment} {key}",
        path,
        subject=key.address,
    )


def too_many_deletes(deletes: int, owned: int, limit: int | str, most: int) -> Diagnostic:
    """P102."""
    return Diagnostic(
        "P102",
        "error",
        f"the plan deletes {deletes} of {owned} owned objects, at most {most} are allowed ({limit})",
        hint=f"if all of them shall go: --max-deletes {deletes}",
    )


def empty_directory(environment: Environment, owned: int) -> Diagnostic:
    """P103."""
    layers = ", ".join(relative(layer, environment) for layer in environment.layers)
    return Diagnostic(
        "P103",
        "error",
        f"there is no flow, file or key-value in {layers}, and {owned} owned objects would be deleted",
        "an empty directory is more often a wrong path or a failed checkout than a wish",
        "if everything shall go: --allow-empty",
    )


def protected(key: ObjectKey, pattern: str, moved_to: ObjectKey | None) -> Diagnostic:
    """P104."""
    deed = f"would move to {moved_to}" if moved_to is not None else "would be deleted"
    return Diagnostic(
        "P104",
        "error",
        f"{key.address} is protected and {deed}",
        f"policy.protect has {pattern!r}",
        f"if it shall go: --allow-protected {key}",
        subject=key.address,
    )


def still_called(key: FlowKey, calls: Sequence[Call], moved_to: ObjectKey | None, severity: Severity) -> Diagnostic:
    """H3."""
    places = "; ".join(str(call) for call in calls[:5])
    more = f"; and {len(calls) - 5} more" if len(calls) > 5 else ""
    deed = f"moves to {moved_to}" if moved_to is not None else "would be deleted"
    count = len({call.caller for call in calls})
    return Diagnostic(
        "H3",
        severity,
        f"{key.address} {deed}, and {count} {'flow calls' if count == 1 else 'flows call'} it",
        places + more,
        "change the callers in the same plan, or set policy.hazards H3 to warn",
        subject=key.address,
    )


def null_element(key: FlowKey, place: str, path: str | None) -> Diagnostic:
    """P105."""
    return Diagnostic(
        "P105",
        "error",
        f"{key.address} has an empty entry at {place}",
        "a server that stores such a flow may stop working",
        "remove the entry, or write what belongs there",
        path,
        place=place,
        subject=key.address,
    )


def nothing_to_adopt(pattern: str, unmanaged: bool) -> Diagnostic:
    """P107."""
    summary = f"cannot adopt {pattern}: " + (
        "it is on the server, but there is no file for it" if unmanaged else "neither the files nor the server have it"
    )
    hint = "write its text to a file first, or it would be deleted next" if unmanaged else "check the name"
    return Diagnostic("P107", "error", summary, hint=hint, subject=pattern)


def nothing_to_forget(pattern: str, owned: bool) -> Diagnostic:
    """P125."""
    why = "it still has a file" if owned else "flowctl does not own it"
    hint = "remove the file first, or the next apply would take it over again" if owned else "check the name"
    return Diagnostic("P125", "error", f"cannot forget {pattern}: {why}", hint=hint, subject=pattern)


def selects_nothing(pattern: str) -> Diagnostic:
    """P127."""
    summary = f"--select {pattern} matches nothing, in the files or on the server"
    hint = "check the name: it is NS/ID or an address as plans print it, and may hold * and ?"
    return Diagnostic("P127", "warning", summary, hint=hint, subject=pattern)


def changed_meanwhile(key: ObjectKey, path: str) -> Diagnostic:
    """P108."""
    return Diagnostic(
        "P108", "error", f"{path} changed while the plan was being made", hint="plan again", path=path,
        subject=key.address,
    )  # fmt: skip


def stays_off(*keys: str) -> Diagnostic:
    """P128."""
    one = len(keys) == 1
    return Diagnostic(
        "P128",
        "info",
        f"{keys[0]} is disabled on the server, and stays so" if one
        else f"{len(keys)} flows are disabled on the server, and stay so",
        "" if one else ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else ""),
        f"to enable {'it' if one else 'one'}: --resume {keys[0] if one else 'NS/ID'}; to say so in the file: "
        "disabled: true",
        subject=keys[0] if one else None,
    )  # fmt: skip


def move_enables(old: ObjectKey, new: ObjectKey) -> Diagnostic:
    """H13 of a flow that moves."""
    return Diagnostic(
        "H13",
        "warning",
        f"{old} is disabled on the server, and is enabled under its new name",
        hint="to keep it off, write disabled: true in the file",
        subject=new.address,
    )


def resumes_nothing(pattern: str) -> Diagnostic:
    """P129."""
    summary = f"--resume {pattern} matches no flow that is disabled on the server"
    return Diagnostic(
        "P129", "warning", summary, hint="check the name: it is NS/ID, and may hold * and ?", subject=pattern
    )


def move(old: ObjectKey, new: ObjectKey) -> Diagnostic:
    """H16."""
    return Diagnostic(
        "H16",
        "warning",
        f"moved from {old}: its executions, logs and trigger states stay with the old name",
        "webhook addresses and links change; whoever starts it by its old name has to be changed",
        subject=new.address,
    )


def tombstone(key: FlowKey, revision: int) -> Diagnostic:
    """H17."""
    return Diagnostic(
        "H17",
        "info",
        f"a flow of this name was deleted before: its old revisions come back, this one becomes {revision + 1}",
        subject=key.address,
    )


def overwrites_ignored(key: FlowKey, places: Sequence[str]) -> Diagnostic:
    """P114: a text can only be written whole."""
    return Diagnostic(
        "P114",
        "warning",
        f"the update also overwrites what policy.ignore leaves alone: {', '.join(places[:5])}",
        "a flow is written whole",
        "take the server's values into the file first, if they matter",
        subject=key.address,
    )


def deletes_edit(key: ObjectKey, entry: LedgerEntry) -> Diagnostic:
    """P115."""
    return Diagnostic(
        "P115",
        "warning",
        "it was changed on the server since flowctl applied it; the change goes with it",
        f"applied {_when(entry.at)} by {entry.by}, digest {entry.digest[:12]}",
        subject=key.address,
    )


def value_unknown(value: KeyValue) -> Diagnostic:
    """P116."""
    return Diagnostic(
        "P116",
        "warning",
        f"{value.key.address} is not compared: the environment variable {value.env} is not set",
        hint=f"set {value.env} to have it compared",
        path=value.path,
        subject=value.key.address,
    )


def empty_variable(value: KeyValue) -> Diagnostic:
    """P124."""
    return Diagnostic(
        "P124",
        "warning",
        f"{value.env} is set and empty: that becomes the value",
        hint=f"set {value.env}, or unset it to leave the value alone; in CI a secret that a job may not see is empty",
        path=value.path,
        subject=value.key.address,
    )


def level_without_effect(environment: Environment, code: str, why: str) -> Diagnostic:
    """P126."""
    return Diagnostic(
        "P126",
        "warning",
        f"policy.hazards.{code} of {environment.name} has no effect: {why}",
        hint=f"take it out; flowctl explain {code} says what can be done",
    )


def cycle(keys: Sequence[ObjectKey]) -> Diagnostic:
    """P117."""
    return Diagnostic(
        "P117",
        "warning",
        f"{len(keys)} flows call each other in a circle, and are applied at the same time",
        " -> ".join(str(key) for key in (*keys, keys[0])),
    )


def ledger_unreadable(problem: str, rebuilt: int) -> Diagnostic:
    """P118."""
    return Diagnostic(
        "P118",
        "warning",
        "the ledger on the server cannot be read, so what flowctl owns is not known",
        f"{problem}; {rebuilt} objects equal the files and are taken over again",
        "objects that differ have to be adopted; nothing is deleted until the ledger is there again",
    )


def apply_unfinished(lock: Lock, now: datetime, *, gone: bool) -> Diagnostic:
    """P119. `gone`: the process that took the lock has ended, whatever time the lock has left."""
    who = f"{lock.owner}@{lock.host}"
    if (target := mark_of(lock)) is not None:
        return Diagnostic(
            "P119", "warning", f"this environment was moved to {target}, by {who} on {_when(lock.taken_at)}",
            f"lock {lock.id}; an apply is refused here", f"work with {target}",
        )  # fmt: skip
    if lock.expires_at > now and not gone:
        return Diagnostic(
            "P119", "warning", f"{who} is applying a plan right now, since {_when(lock.taken_at)}",
            f"lock {lock.id}", "plan again when it is done",
        )  # fmt: skip
    ended = f"expired {_when(lock.expires_at)}" if lock.expires_at <= now else "its process has ended"
    return Diagnostic(
        "P119",
        "warning",
        f"an apply by {who} from {_when(lock.taken_at)} was cut short",
        f"lock {lock.id}, {ended}; what it had written counts as flowctl's{_switched_off(lock)}",
        "the next apply goes on from here",
    )


def _switched_off(lock: Lock) -> str:
    triggers = ", ".join(f"{trigger} of {flow}" for flow, trigger in lock.paused)
    flows = ", ".join(dict.fromkeys(str(one.flow) for one in lock.stopped))
    off = "; ".join(
        f"{what}: {names}"
        for what, names in (("triggers that it switched off", triggers), ("flows that it kept from starting", flows))
        if names
    )
    return f"; {off} (the next apply that writes switches them on, and so does `flowctl unlock`)" if off else ""


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
