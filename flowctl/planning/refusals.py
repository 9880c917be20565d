"""What a plan refuses, each with the option that overrides it or what to do instead."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.live import LiveObject
from flowctl.planning.ordering.callers import Call
from flowctl.planning.where import relative


def not_ours(key: ObjectKey, have: LiveObject, environment: str, path: str | None) -> Diagnostic:
    """P101: something else with the same name is on the server."""
    found = f"revision {have.revision}, " if have.revision is not None else ""
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
    """P102: more would be deleted than the guard allows."""
    return Diagnostic(
        "P102",
        "error",
        f"the plan deletes {deletes} of {owned} owned objects, at most {most} are allowed ({limit})",
        hint=f"if all of them shall go: --max-deletes {deletes}",
    )


def empty_directory(environment: Environment, owned: int) -> Diagnostic:
    """P103: there is nothing in the files, and something on the server."""
    layers = ", ".join(relative(layer, environment) for layer in environment.layers)
    return Diagnostic(
        "P103",
        "error",
        f"there is no flow, file or key-value in {layers}, and {owned} owned objects would be deleted",
        "an empty directory is more often a wrong path or a failed checkout than a wish",
        "if everything shall go: --allow-empty",
    )


def protected(key: ObjectKey, pattern: str, moved_to: ObjectKey | None) -> Diagnostic:
    """P104: a guard keeps the object where it is."""
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
    """H3: a flow goes that others call."""
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
    """P105: a flow that would stop a server."""
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
    """P107: what is to be adopted has no file, or is nowhere."""
    summary = f"cannot adopt {pattern}: " + (
        "it is on the server, but there is no file for it" if unmanaged else "neither the files nor the server have it"
    )
    hint = "write its text to a file first, or it would be deleted next" if unmanaged else "check the name"
    return Diagnostic("P107", "error", summary, hint=hint, subject=pattern)


def nothing_to_forget(pattern: str, owned: bool) -> Diagnostic:
    """P125: what is to be forgotten has a file, or is not owned."""
    why = "it still has a file" if owned else "flowctl does not own it"
    hint = "remove the file first, or the next apply would take it over again" if owned else "check the name"
    return Diagnostic("P125", "error", f"cannot forget {pattern}: {why}", hint=hint, subject=pattern)


def changed_meanwhile(key: ObjectKey, path: str) -> Diagnostic:
    """P108: a file has not the text that was compared."""
    return Diagnostic(
        "P108", "error", f"{path} changed while the plan was being made", hint="plan again", path=path,
        subject=key.address,
    )  # fmt: skip
