"""Where the API of 1.3 and of 2.0 contradict each other: one small table each; `lenient` is 2.0 that says more.

Routes that only one of them has carry their dialects in the route table (`Endpoint.dialects`).
"""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.model.environment import Dialect as Name


@dataclass(frozen=True, slots=True)
class Dialect:
    """Shapes and statuses of one generation.

    `old_search`: the search parameters of before `filters[…]` are obeyed when there is no filter. `revision_members`:
    names under which a key-value's revision is listed. `trigger_rows`: generations whose members a trigger has.
    `says_draft`: flows have the member `draft`, as in the 2.0 release, whose clients demand it (never in the recorded
    snapshot).
    """

    name: Name
    version: str
    problem_bodies: bool
    duplicate_status: int
    media_status: int
    traversal_read_status: int
    old_search: bool
    revision_members: tuple[str, ...]
    old_triggers: bool
    new_triggers: bool
    paged_plugins: bool
    namespace_query: bool
    says_draft: bool


V2 = Dialect("2.0", "2.0.0", True, 409, 415, 422, False, ("revision",), False, True, True, False, True)
V1 = Dialect("1.3", "1.3.19", False, 422, 422, 404, True, ("version",), True, False, False, True, False)
LENIENT = Dialect("lenient", "2.0.0", True, 409, 415, 422, True, ("revision", "version"), True, True, True, True, True)

DIALECTS: dict[Name, Dialect] = {"2.0": V2, "1.3": V1, "lenient": LENIENT}
