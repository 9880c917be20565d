"""Flows that go together: which of them call which, so that none is gone while another may call it yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowctl.flowtext.digests import text_digest
from flowctl.language.asleep import asleep
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Change
from flowctl.model.project import FlowReference
from flowctl.planning.reading import Documents


def with_callers(
    changes: Sequence[Change],
    live: Mapping[FlowKey, tuple[FlowReference, ...]],
    sources: Mapping[FlowKey, str],
    documents: Documents,
) -> tuple[Change, ...]:
    """The changes, those of flows that go with the flows of the plan that go too and call them as a subflow.

    `live` is what flows name on the server, whose texts are `sources`. A task that is disabled calls nothing; of a flow
    that is, executions may be under way.
    """
    going = [one.key for one in changes if isinstance(one.key, FlowKey) and one.action is Action.DELETE]
    callers = defaultdict[FlowKey, list[FlowKey]](list)
    for caller in going:
        calls = [ref for ref in live.get(caller, ()) if ref.relation == "subflow" and not ref.dynamic]
        text = sources[caller] if calls else ""
        document = documents.read(text_digest(text), text) if calls else None
        value = document.value if document is not None else None
        flow = {**value, "disabled": False} if isinstance(value, dict) else {}
        for ref in calls:
            if not asleep(flow, ref.place):
                callers[FlowKey(ref.namespace, ref.flow_id)].append(caller)
    among = {key: tuple(sorted(set(callers[key]))) for key in going if key in callers}
    return tuple(replace(one, called_by=among.get(one.key, ())) if one.key in among else one for one in changes)
