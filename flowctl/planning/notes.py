"""What a plan says beside its changes: nothing here keeps it from being applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import LedgerEntry, Lock
from flowctl.model.moving import mark_of
from flowctl.model.project import KeyValue


def selects_nothing(pattern: str) -> Diagnostic:
    """P127: a selection matches nothing."""
    summary = f"--select {pattern} matches nothing, in the files or on the server"
    hint = "check the name: it is NS/ID or an address as plans print it, and may hold * and ?"
    return Diagnostic("P127", "warning", summary, hint=hint, subject=pattern)


def stays_off(*keys: str) -> Diagnostic:
    """P128: a flow stays disabled."""
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
    """P129: nothing to enable under that name."""
    summary = f"--resume {pattern} matches no flow that is disabled on the server"
    return Diagnostic(
        "P129", "warning", summary, hint="check the name: it is NS/ID, and may hold * and ?", subject=pattern
    )


def move(old: ObjectKey, new: ObjectKey) -> Diagnostic:
    """H16: a flow moves to another id or namespace."""
    return Diagnostic(
        "H16",
        "warning",
        f"moved from {old}: its executions, logs and trigger states stay with the old name",
        "webhook addresses and links change; whoever starts it by its old name has to be changed",
        subject=new.address,
    )


def tombstone(key: FlowKey, revision: int) -> Diagnostic:
    """H17: a flow that was deleted before is created again."""
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
    """P115: an object to be deleted was changed on the server."""
    return Diagnostic(
        "P115",
        "warning",
        "it was changed on the server since flowctl applied it; the change goes with it",
        f"applied {_when(entry.at)} by {entry.by}, digest {entry.digest[:12]}",
        subject=key.address,
    )


def value_unknown(value: KeyValue) -> Diagnostic:
    """P116: a key-value is not compared, because its variable is not set."""
    return Diagnostic(
        "P116",
        "warning",
        f"{value.key.address} is not compared: the environment variable {value.env} is not set",
        hint=f"set {value.env} to have it compared",
        path=value.path,
        subject=value.key.address,
    )


def empty_variable(value: KeyValue) -> Diagnostic:
    """P124: the variable of a key-value is set and empty."""
    return Diagnostic(
        "P124",
        "warning",
        f"{value.env} is set and empty: that becomes the value",
        hint=f"set {value.env}, or unset it to leave the value alone; in CI a secret that a job may not see is empty",
        path=value.path,
        subject=value.key.address,
    )


def level_without_effect(environment: Environment, code: str, why: str) -> Diagnostic:
    """P126: the level of a hazard has no effect."""
    return Diagnostic(
        "P126",
        "warning",
        f"policy.hazards.{code} of {environment.name} has no effect: {why}",
        hint=f"take it out; flowctl explain {code} says what can be done",
    )


def cycle(keys: Sequence[ObjectKey]) -> Diagnostic:
    """P117: flows call each other in a circle."""
    return Diagnostic(
        "P117",
        "warning",
        f"{len(keys)} flows call each other in a circle, and are applied at the same time",
        " -> ".join(str(key) for key in (*keys, keys[0])),
    )


def ledger_unreadable(problem: str, rebuilt: int) -> Diagnostic:
    """P118: the ledger on the server cannot be read."""
    return Diagnostic(
        "P118",
        "warning",
        "the ledger on the server cannot be read, so what flowctl owns is not known",
        f"{problem}; {rebuilt} objects equal the files and are taken over again",
        "objects that differ have to be adopted; nothing is deleted until the ledger is there again",
    )


def apply_unfinished(lock: Lock, now: datetime, environment: str, *, gone: bool) -> Diagnostic:
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
        f"lock {lock.id}, {ended}; what it had written counts as flowctl's{_switched_off(lock, environment)}",
        "the next apply goes on from here",
    )


def _switched_off(lock: Lock, environment: str) -> str:
    triggers = ", ".join(f"{trigger} of {flow}" for flow, trigger in lock.paused)
    flows = ", ".join(dict.fromkeys(str(one.flow) for one in lock.stopped))
    on = ", ".join(f"{trigger} of {flow}" for flow, trigger in lock.stay_off)
    off = "; ".join(
        f"{what}: {names}"
        for what, names in (
            ("triggers that it switched off", triggers),
            ("flows that it kept from starting", flows),
            ("triggers that were disabled and may be on", on),
        )
        if names
    )
    unlock = f"`flowctl unlock {environment} {lock.id}`"
    return f"; {off} (the next apply puts that right, and so does {unlock})" if off else ""


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
