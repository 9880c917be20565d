"""A plan as a file: versioned, checksummed JSON (docs/plan-format.md)."""

from __future__ import annotations

import hashlib
import json

from flowctl import __version__
from flowctl.errors import PlanError
from flowctl.model.plan import Plan
from flowctl.planfile.decoding import decode_plan
from flowctl.planfile.encoding import Json, encode_plan
from flowctl.planfile.members import Members

FORMAT = "1.0"
KIND = "flowctl-plan"
_AGAIN = "make a new one with `flowctl plan ENV --out FILE.json`"


def dumps(plan: Plan) -> str:
    """The text of a plan file."""
    document: Json = {"kind": KIND, "format": FORMAT, "plan": encode_plan(plan)}
    document["checksum"] = checksum(document)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def loads(text: str) -> Plan:
    """The plan in a text that `dumps` wrote.

    Raises:
        PlanError: P201 it is cut off or no JSON; P202 it is no plan, or damaged; P203 it was changed by hand;
            P204 a newer format; P205 made by another major version of flowctl.
    """
    document = _document(text)
    _check_format(document)
    if document.get("checksum") != checksum(document):
        raise PlanError.of(
            "P203",
            "the plan file was changed after it was made: its checksum does not fit",
            "a plan is applied exactly as it was reviewed, or not at all",
            _AGAIN,
        )
    plan = decode_plan(Members(document.get("plan"), "plan"))
    check_version(plan.flowctl_version, __version__)
    return plan


def checksum(document: Json) -> str:
    """`sha256:` and hex over the canonical JSON of everything but the checksum itself."""
    content = {name: value for name, value in document.items() if name != "checksum"}
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _document(text: str) -> Json:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as problem:
        where = f"at line {problem.lineno}" if isinstance(problem, json.JSONDecodeError) else ""
        empty = "it is empty" if not text.strip() else f"it is cut off or no JSON {where}".rstrip()
        raise PlanError.of("P201", f"the plan file cannot be read: {empty}", hint=_AGAIN) from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise PlanError.of("P202", "the file is no plan of flowctl", f"it has no `kind: {KIND}`", _AGAIN)
    return document


def _check_format(document: Json) -> None:
    """A higher minor may have members that are not known here; a higher major means something else."""
    found = str(document.get("format"))
    if found.partition(".")[0] != FORMAT.partition(".")[0]:
        raise PlanError.of(
            "P204",
            f"the plan file has format {found}, this flowctl reads {FORMAT.partition('.')[0]}.x",
            hint="apply it with the flowctl that made it, or make a new one",
        )


def check_version(made_by: str, current: str) -> None:
    """Refuse a plan of another major version of flowctl.

    Raises:
        PlanError: P205.
    """
    if major(made_by) != major(current):
        raise PlanError.of(
            "P205",
            f"the plan was made by flowctl {made_by}, this is {current}",
            hint=f"apply it with flowctl {major(made_by)}.x, or make a new plan",
        )


def major(version: str) -> str:
    """The part of a version before the first dot."""
    return version.partition(".")[0]
