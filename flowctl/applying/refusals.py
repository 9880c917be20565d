"""What an apply says when it cannot, or not wholly, do what was planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import ObjectKey
from flowctl.model.ledger import Lock
from flowctl.model.moving import mark_of

PLAN_AGAIN = "make a new plan and look at it"


def has_refusals(count: int) -> Diagnostic:
    """A101: the plan has refusals."""
    return Diagnostic(
        "A101",
        "error",
        f"the plan has {count} refusal{'s' if count != 1 else ''}, so nothing was written",
        hint="settle each of them, or give the option that it names, and plan again",
    )


def variable_missing(key: ObjectKey, variable: str, path: str | None) -> Diagnostic:
    """A102 for a variable that is not set."""
    return Diagnostic(
        "A102",
        "error",
        f"the environment variable {variable} is not set",
        f"{key.address} takes its value from it; nothing was written",
        f"set it before running flowctl, for example `export {variable}=…`",
        path=path,
        subject=key.address,
    )


def variable_unsound(key: ObjectKey, variable: str, kind: str, path: str | None) -> Diagnostic:
    """A102 for a variable whose text is no value of the wanted type; the text itself is never shown."""
    return Diagnostic(
        "A102",
        "error",
        f"the environment variable {variable} does not hold a {kind}",
        f"{key.address} wants a {kind}; nothing was written",
        "correct the variable, or the type in _kv.yaml",
        path=path,
        subject=key.address,
    )


def value_changed(key: ObjectKey, variable: str) -> Diagnostic:
    """A116: a variable holds another value than when the plan was made."""
    return Diagnostic(
        "A116",
        "error",
        f"the environment variable {variable} holds another value than when the plan was made",
        f"{key.address} takes its value from it; nothing was written",
        PLAN_AGAIN,
        subject=key.address,
    )


def locked(lock: Lock, now: datetime, environment: str, waited: float) -> Diagnostic:
    """A103. A lock that marks a move says where the environment is now."""
    if (target := mark_of(lock)) is not None:
        return Diagnostic(
            "A103",
            "error",
            f"environment {environment} was moved to {target} by {lock.owner}@{lock.host}",
            f"lock {lock.id}, taken {lock.taken_at:%Y-%m-%d %H:%M:%S %Z}; its triggers are switched off on this server",
            f"work with {target}; to come back: flowctl move {target} {environment}",
        )
    left = max(0, round((lock.expires_at - now).total_seconds()))
    after = f" after waiting {waited:.0f} s" if waited >= 1 else ""
    return Diagnostic(
        "A103",
        "error",
        f"environment {environment} is locked by {lock.owner}@{lock.host}{after}",
        f"lock {lock.id}, taken {lock.taken_at:%Y-%m-%d %H:%M:%S %Z}, applying plan {lock.plan_id}; "
        f"it expires in {left} s unless it is renewed",
        f"wait with --lock-timeout 5m; if that apply is dead: flowctl unlock {environment} {lock.id}",
    )


def moved(key: ObjectKey, expected: str, found: str, where: str = "") -> Diagnostic:
    """A104 for one object."""
    return Diagnostic(
        "A104",
        "error",
        f"{key.address} changed on the server since the plan was made",
        f"expected {expected}, found {found}{where}",
        PLAN_AGAIN,
        subject=key.address,
    )


def other_server(expected: str, found: str) -> Diagnostic:
    """A105 for a server that is not the plan's."""
    return Diagnostic(
        "A105",
        "error",
        "the plan was made for another server",
        f"expected server {expected}, found {found}",
        "check `server` of the environment; if the server was set up anew, make a new plan",
    )


def other_lineage(expected: str, found: str) -> Diagnostic:
    """A105 for a ledger that is not the plan's."""
    return Diagnostic(
        "A105",
        "error",
        "the plan was made for another ledger",
        f"expected lineage {expected}, found {found}",
        "the ledger was lost or replaced since: " + PLAN_AGAIN,
    )


def already_applied(plan_id: str) -> Diagnostic:
    """A119: the plan was applied already."""
    return Diagnostic(
        "A119",
        "error",
        f"plan {plan_id} was applied already, completely",
        "every object is as the plan wants it",
        "make a new plan; it is probably empty",
    )


def no_such_lock(wanted: str, lock: Lock | None, environment: str) -> Diagnostic:
    """A106: there is no such lock."""
    held = lock is not None and not lock.released
    summary = f"lock {wanted} is not held" if held else f"environment {environment} is not locked"
    detail = f"the lock is {lock.id}, of {lock.owner}@{lock.host}" if held and lock is not None else ""
    hint = "give the id that the message of the locked apply shows" if held else "nothing holds an apply back"
    return Diagnostic("A106", "error", summary, detail, hint)


def waits_for(key: ObjectKey, missing: Sequence[ObjectKey]) -> Diagnostic:
    """A107: an object was not attempted because one that it needs failed."""
    names = ", ".join(one.address for one in missing)
    return Diagnostic(
        "A107",
        "error",
        f"{key.address} was not attempted: it needs {names}",
        f"{names} could not be applied",
        "correct that and apply again; only what is left is written",
        subject=key.address,
    )


def stopped(key: ObjectKey, why: str) -> Diagnostic:
    """A114: an object was not attempted because the apply stopped."""
    return Diagnostic(
        "A114",
        "error",
        f"{key.address} was not attempted: {why}",
        hint="apply again; only what is left is written",
        subject=key.address,
    )


def not_rolled_back(key: ObjectKey, why: str, environment: str) -> Diagnostic:
    """A108: an object could not be put back as it was."""
    return Diagnostic(
        "A108",
        "error",
        f"{key.address} could not be put back as it was",
        why,
        f"the server has the new content; `flowctl plan {environment}` shows it, and applying an older commit puts it "
        "back",
        subject=key.address,
    )


def ledger_not_written(error: Iterable[Diagnostic]) -> Diagnostic:
    """A109: the ledger could not be written."""
    why = "; ".join(f"{one.summary} [{one.code}]" for one in error)
    return Diagnostic(
        "A109",
        "error",
        "the ledger could not be written",
        f"{why}. What was applied is on the server, and recorded there as intended beside the lock",
        "apply again when the server is well: the next plan knows what is ours by those intents",
    )


def stored_otherwise(key: ObjectKey, sent: str, found: str, environment: str) -> Diagnostic:
    """A111: the server keeps another text than it was sent."""
    return Diagnostic(
        "A111",
        "error",
        f"the server keeps another text of {key.address} than it was sent",
        f"sent {sent[:12]}, stored {found[:12]}",
        f"a policy of the server may rewrite flows: compare with `flowctl show {key} -e {environment}`, and put its "
        "text into the file",
        subject=key.address,
    )


def overtaken(key: ObjectKey, expected: int, found: int) -> Diagnostic:
    """A112, a warning: on a real Kestra nothing can keep others from saving in the moment before our write."""
    return Diagnostic(
        "A112",
        "warning",
        f"somebody else saved {key.address} in the moment before it was written",
        f"revision {expected} was expected, {found} was given: the revisions between are not from this plan",
        f"look at revision {found - 1} of the flow on the server and take over what is worth keeping",
        subject=key.address,
    )


def lock_lost(lock: Lock, holder: Lock | None) -> Diagnostic:
    """A113: the lock was taken away during the apply."""
    who = f"it is now {holder.id}, of {holder.owner}@{holder.host}" if holder is not None else "it is gone"
    return Diagnostic(
        "A113",
        "error",
        f"the lock {lock.id} was taken away during the apply, so nothing more was written",
        who,
        "find out who unlocked or applied, then plan again",
    )


def outcome_unknown(error: Iterable[Diagnostic], environment: str) -> Diagnostic:
    """A117: nobody knows whether the server carried a batch out."""
    why = "; ".join(f"{one.summary} [{one.code}]" for one in error)
    return Diagnostic(
        "A117",
        "error",
        "nobody knows whether the server carried the batch out",
        f"{why}. It was all or nothing, and the ledger is part of it",
        f"run `flowctl plan {environment}`: it shows whether anything is left to do",
    )


def content_missing(key: ObjectKey) -> Diagnostic:
    """A118: the plan does not carry an object's content."""
    return Diagnostic(
        "A118",
        "error",
        f"the plan does not carry the content of {key.address}",
        hint=PLAN_AGAIN,
        subject=key.address,
    )
