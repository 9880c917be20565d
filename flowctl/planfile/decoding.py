"""A plan from JSON data; the inverse of `encoding`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from flowctl.model.diagnostic import Diagnostic, Severity
from flowctl.model.impact import NO_IMPACT
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.live import Capabilities, ServerIdentity, Verdict
from flowctl.model.plan import Action, Change, Content, Counts, Drift, Extent, FieldChange, Plan
from flowctl.model.project import GitStamp
from flowctl.planfile.impacts import decode_impact
from flowctl.planfile.members import Members, address, malformed

_SEVERITIES = ("error", "warning", "info")


def decode_plan(members: Members) -> Plan:
    """The plan that `encode_plan` wrote.

    Raises:
        PlanError: P202, a member is missing or of the wrong kind; it is named.
    """
    server = members.inner("server", _server)
    if server is None:
        raise malformed("plan.server", "is missing")
    return Plan(
        id=members.need("id", str),
        environment=members.need("environment", str),
        namespace=members.need("namespace", str),
        server=server,
        created_at=members.time("createdAt"),
        flowctl_version=members.need("flowctlVersion", str),
        changes=_changes(members),
        drift=members.each("drift", _drift),
        unmanaged=members.keys("unmanaged"),
        counts=members.inner("counts", _counts) or Counts(),
        refusals=members.each("refusals", _diagnostic),
        warnings=members.each("warnings", _diagnostic),
        lineage=members.maybe("lineage", str),
        serial=members.need("serial", int),
        policy_digest=members.text("policyDigest"),
        git=members.inner("git", _git),
        rebuilt=members.keys("rebuilt"),
        quiet_window=members.maybe("quietWindow", float),
    )


def _server(members: Members) -> ServerIdentity:
    able = members.inner("capabilities", lambda found: Capabilities(_flag(found, "state"), _flag(found, "batch")))
    return ServerIdentity(
        url=members.need("url", str),
        tenant=members.need("tenant", str),
        id=members.need("id", str),
        version=members.need("version", str),
        edition=members.need("edition", str),
        capabilities=able or Capabilities(),
    )


def _flag(members: Members, name: str) -> bool:
    return members.maybe(name, bool) or False


def _counts(members: Members) -> Counts:
    names = ("unchanged", "unmanaged", "ignored", "notSelected")
    return Counts(*(members.need(name, int) for name in names))


def _git(members: Members) -> GitStamp:
    return GitStamp(
        members.need("commit", str),
        members.maybe("branch", str),
        members.need("dirty", bool),
        members.maybe("author", str),
        members.maybe("remote", str),
    )


def _changes(members: Members) -> tuple[Change, ...]:
    changes = members.each("changes", _change)
    pairs = zip(changes, members.items("changes"), strict=True)
    return tuple(replace(change, depends_on=_needs(change, item, changes)) for change, item in pairs)


def _needs(change: Change, item: object, changes: Sequence[Change]) -> tuple[ObjectKey, ...]:
    """What a change depends on: indices into the changes, or addresses of objects that are not among them."""
    where = f"dependsOn of {change.key.address}"
    found = list[ObjectKey]()
    for need in Members(item, where).items("dependsOn"):
        if isinstance(need, int) and not isinstance(need, bool) and 0 <= need < len(changes):
            found.append(changes[need].key)
        elif isinstance(need, str):
            found.append(address(need, where))
        else:
            raise malformed(where, f"names no change: {need!r}")
    return tuple(found)


def _change(members: Members) -> Change:
    return Change(
        action=_action(members),
        key=members.key("object"),
        before=members.inner("before", _content),
        after=members.inner("after", _content),
        reason=members.need("reason", str),
        level=members.need("level", int),
        extent=_extent(members),
        fields=members.each("fields", _field),
        path=members.maybe("path", str),
        verdict=members.inner("verdict", _verdict),
        moved_from=members.maybe_key("movedFrom"),
        moved_to=members.maybe_key("movedTo"),
        notes=members.each("notes", _diagnostic),
        impact=members.inner("impact", decode_impact) or NO_IMPACT,
        hold=members.maybe("held", str) or "",
        drain=members.maybe("drain", bool) or False,
        called_by=members.keys("calledBy"),
        kept_off=members.maybe("keptOff", str),
    )


def _action(members: Members) -> Action:
    word = members.need("action", str)
    if word not in {action.value for action in Action}:
        raise malformed(f"{members.where}.action", f"is unknown: {word!r}")
    return Action(word)


def _extent(members: Members) -> Extent:
    word = members.need("extent", str)
    if word not in {extent.value for extent in Extent}:
        raise malformed(f"{members.where}.extent", f"is unknown: {word!r}")
    return Extent(word)


def _content(members: Members) -> Content:
    return Content(
        digest=members.maybe("digest", str),
        revision=members.maybe("revision", int),
        source=members.maybe("source", str),
        data=_bytes(members),
        value=members.data.get("value"),
        type=members.maybe("type", str),
        env=members.maybe("env", str),
        ttl=members.maybe("ttl", str),
        description=members.maybe("description", str),
        size=members.maybe("size", int),
        hidden=tuple(_span(span, members.where) for span in members.items("hidden")),
    )


def _bytes(members: Members) -> bytes | None:
    text = members.maybe("data", str)
    try:
        return base64.b64decode(text, validate=True) if text is not None else None
    except (binascii.Error, ValueError):
        raise malformed(f"{members.where}.data", "is not base64") from None


def _span(span: object, where: str) -> tuple[int, int, int]:
    if not isinstance(span, list) or len(span) != 3 or not all(isinstance(number, int) for number in span):
        raise malformed(f"{where}.hidden", "is not a list of three numbers each")
    line, start, end = span
    return line, start, end


def _field(members: Members) -> FieldChange:
    data = members.data
    return FieldChange(members.need("place", str), members.need("op", str), data.get("before"), data.get("after"))


def _drift(members: Members) -> Drift:
    return Drift(
        key=members.key("object"),
        kind=members.need("kind", str),
        applied_digest=members.need("appliedDigest", str),
        live_digest=members.maybe("liveDigest", str),
        applied_revision=members.maybe("appliedRevision", int),
        live_revision=members.maybe("liveRevision", int),
        fields=members.each("fields", _field),
        applied_commit=members.maybe("appliedCommit", str),
        applied_by=members.maybe("appliedBy", str),
        applied_at=members.maybe_time("appliedAt"),
        changed_at=members.maybe_time("changedAt"),
    )


def _verdict(members: Members) -> Verdict:
    key = members.key("flow")
    if not isinstance(key, FlowKey):
        raise malformed(f"{members.where}.flow", "is no flow")
    return Verdict(
        key,
        members.texts("constraints"),
        members.texts("warnings"),
        members.texts("deprecations"),
        members.texts("infos"),
    )


def _diagnostic(members: Members) -> Diagnostic:
    severity = members.need("severity", str)
    if severity not in _SEVERITIES:
        raise malformed(f"{members.where}.severity", f"is unknown: {severity!r}")
    return Diagnostic(
        code=members.need("code", str),
        severity=cast(Severity, severity),
        summary=members.need("summary", str),
        detail=members.text("detail"),
        hint=members.text("hint"),
        path=members.maybe("path", str),
        line=members.maybe("line", int),
        column=members.maybe("column", int),
        place=members.maybe("place", str),
        subject=members.maybe("subject", str),
    )
