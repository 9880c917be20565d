"""Who calls whom: in the files, on the server, and once the plan is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowctl.flowtext.digests import text_digest
from flowctl.language.references import references
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change
from flowctl.model.project import FlowReference, Project
from flowctl.planning.reading import Documents

_NAMES = "flowId"
"""Whatever names a flow has this property; a text without it need not be parsed."""


@dataclass(frozen=True, slots=True)
class Call:
    """A flow names another, at a place; the place is empty when only the server knows of the call."""

    caller: FlowKey
    called: FlowKey
    place: str
    relation: str

    def __str__(self) -> str:
        """Who calls, and where."""
        return f"{self.caller} at {self.place}" if self.place else str(self.caller)


def called(found: Iterable[FlowReference]) -> tuple[FlowKey, ...]:
    """The flows that references name; names that are expressions are left out."""
    return tuple(FlowKey(ref.namespace, ref.flow_id) for ref in found if not ref.dynamic)


def live_references(sources: Mapping[FlowKey, str], documents: Documents) -> dict[FlowKey, tuple[FlowReference, ...]]:
    """What the live flows whose text is known name."""
    found = {}
    for key, source in sources.items():
        document = documents.read(text_digest(source), source) if _NAMES in source else None
        found[key] = references(document.value) if document is not None else ()
    return found


def calls_afterwards(
    project: Project,
    live: Mapping[FlowKey, tuple[FlowReference, ...]],
    changes: Iterable[Change],
    told: Iterable[tuple[FlowKey, str, FlowKey]] = (),
) -> dict[FlowKey, list[Call]]:
    """Once the plan is done: called flow → calls of it. A flow that the plan leaves alone calls what it calls now.

    `told` are calls as the server knows them (caller, relation, called), for flows of which nothing else is known.
    """
    actions = {change.key: change.action for change in changes}
    calls: dict[FlowKey, list[Call]] = defaultdict(list)
    for key in sorted(project.flows.keys() | live.keys()):
        if actions.get(key) is not Action.DELETE:
            for call in _calls(key, _then(key, project, live, actions.get(key))):
                calls[call.called].append(call)
    for caller, relation, other in told:
        if caller not in project.flows and caller not in live and actions.get(caller) is not Action.DELETE:
            calls[other].append(Call(caller, other, "", relation))
    return calls


def _then(
    key: FlowKey, project: Project, live: Mapping[FlowKey, tuple[FlowReference, ...]], action: Action | None
) -> tuple[FlowReference, ...]:
    untouched = action not in (Action.CREATE, Action.UPDATE)
    if key in live and untouched:
        return live[key]
    return project.flows[key].references if key in project.flows else ()


def _calls(key: FlowKey, found: Iterable[FlowReference]) -> Iterator[Call]:
    for ref in found:
        if not ref.dynamic:
            yield Call(key, FlowKey(ref.namespace, ref.flow_id), ref.place, ref.relation)


def unknown_callers(project: Project, live: LiveState, changing: Iterable[FlowKey]) -> tuple[FlowKey, ...]:
    """Flows of the server alone that call what changes: what they pass can be checked once their text is read."""
    wanted = set(changing)
    found = {
        caller
        for caller, _, other in live.calls or ()
        if other in wanted and caller in live.flows and caller not in project.flows
    }
    return tuple(sorted(found - wanted))


def texts_of_others(project: Project, live: LiveState) -> dict[FlowKey, str]:
    """Texts of the flows that have no file, where reading the state brought them along."""
    return {
        key: flow.source for key, flow in live.flows.items() if flow.source is not None and key not in project.flows
    }
