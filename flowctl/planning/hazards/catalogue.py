"""The forty-four hazards: code, level unless the environment's policy says otherwise, and where each one is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flowctl.model.environment import HazardLevel

Seen = Literal["plan", "load", "validate", "apply", "connect", "nowhere"]


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard. `seen` says when flowctl meets it: at planning, when files are loaded, by the target's verdict, when
    the plan is applied, on connecting; `nowhere` when no server lets a client see it."""

    code: str
    level: HazardLevel
    name: str
    seen: Seen = "plan"


_ALL = (
    Hazard("H1", "block", "a subflow that will not exist"),
    Hazard("H2", "inform", "a subflow whose name is an expression"),
    Hazard("H3", "block", "a flow that others call would be deleted or renamed"),
    Hazard("H4", "warn", "a disabled flow that others call"),
    Hazard("H5", "block", "a changed interface breaks a caller"),
    Hazard("H6", "warn", "an output goes that a caller reads"),
    Hazard("H7", "block", "a trigger that lacks values for inputs"),
    Hazard("H8", "warn", "a schedule changes"),
    Hazard("H9", "warn", "an apply close to a fire time"),
    Hazard("H10", "warn", "a trigger goes or gets another id"),
    Hazard("H11", "inform", "a schedule that may catch up on missed runs"),
    Hazard("H12", "warn", "a trigger that was disabled on the server"),
    Hazard("H13", "warn", "a flow that was disabled on the server"),
    Hazard("H14", "block", "a webhook's address changes"),
    Hazard("H15", "warn", "a webhook key in clear text"),
    Hazard("H16", "warn", "a flow moves to another id or namespace"),
    Hazard("H17", "inform", "a flow that was deleted before is created again"),
    Hazard("H18", "block", "a type that the target does not have", "validate"),
    Hazard("H19", "warn", "a deprecated type or property", "validate"),
    Hazard("H20", "block", "plugin defaults of the target make a flow invalid", "validate"),
    Hazard("H21", "block", "a secret that the target lacks"),
    Hazard("H22", "warn", "a key-value that the target lacks"),
    Hazard("H23", "warn", "variables of a namespace", "nowhere"),
    Hazard("H24", "block", "a namespace file that the target lacks"),
    Hazard("H25", "block", "executions of a flow that goes"),
    Hazard("H26", "inform", "executions of a flow that changes"),
    Hazard("H27", "warn", "a lower concurrency limit while executions run or wait"),
    Hazard("H28", "block", "a revision moved since the plan", "apply"),
    Hazard("H29", "warn", "two applies at once", "apply"),
    Hazard("H30", "inform", "a draft on the server", "nowhere"),
    Hazard("H31", "block", "traps of bulk writes", "apply"),
    Hazard("H32", "warn", "a revision inside the text"),
    Hazard("H33", "warn", "a Flow trigger without conditions"),
    Hazard("H34", "block", "flows that start each other in a circle"),
    Hazard("H35", "block", "two files with one id", "load"),
    Hazard("H36", "block", "a flow in the wrong namespace", "load"),
    Hazard("H37", "inform", "a system label in the text"),
    Hazard("H38", "block", "another tenant or edition than expected", "connect"),
    Hazard("H39", "warn", "a worker group that may not exist", "nowhere"),
    Hazard("H40", "warn", "policies that rewrite or refuse flows", "nowhere"),
    Hazard("H41", "block", "the flow that goes deploys this environment"),
    Hazard("H42", "warn", "a Git sync owns the same namespace"),
    Hazard("H43", "inform", "a schedule meets daylight saving"),
    Hazard("H44", "warn", "a backfill in progress"),
)
HAZARDS: Mapping[str, Hazard] = {hazard.code: hazard for hazard in _ALL}


_WHEN = {
    "validate": "the target server decides",
    "load": "such files do not load",
    "apply": "flowctl meets it when a plan is applied",
    "connect": "flowctl meets it on connecting",
}


def without_effect(policy: Mapping[str, HazardLevel]) -> dict[str, str]:
    """The hazards of a policy whose level changes nothing, each with the reason."""
    return {code: _WHEN[HAZARDS[code].seen] for code in policy if HAZARDS[code].seen in _WHEN}


def level_of(code: str, policy: Mapping[str, HazardLevel]) -> HazardLevel:
    """A hazard's level in an environment whose `policy.hazards` is given."""
    return policy.get(code, HAZARDS[code].level)
