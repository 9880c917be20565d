"""What moved since a saved plan was made, from three sides: as planned, as it is now, as the plan wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from flowctl.cli.console import Console
from flowctl.errors import ProjectError
from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Change, Content, Plan
from flowctl.remote.port import Server


def show_moved(console: Console, stale: Sequence[Change], live: LiveState, server: Server) -> None:
    """Print the three sides of each object that moved."""
    from flowctl.views.plans.three_way import three_way_text

    flows = [change.key for change in stale if isinstance(change.key, FlowKey) and change.key in live.flows]
    sources = server.read_sources(flows) if flows else {}
    for change in stale:
        console.say(three_way_text(change, content_now(change.key, live, sources), colour=console.error_colour))


def content_now(key: ObjectKey, live: LiveState, sources: Mapping[FlowKey, str]) -> Content | None:
    """What the server has of an object; None when it is gone. A key-value's value is not known, nor shown."""
    if isinstance(key, FlowKey):
        flow = live.flows.get(key)
        return flow_content(flow.digest, flow.revision, sources.get(key)) if flow is not None else None
    if isinstance(key, FileKey):
        file = live.files.get(key)
        return Content(file.digest, size=file.size) if file is not None else None
    pair = live.kv.get(key)
    return Content(None, pair.revision, type=pair.type) if pair is not None else None


def flow_content(digest: str, revision: int | None, source: str | None) -> Content:
    """A flow with the places that may hold secrets marked, as a plan has them."""
    from flowctl.planning.differences.masking import hidden_spans, whole_text
    from flowctl.planning.reading import Documents

    if source is None:
        return Content(digest, revision)
    document = Documents().read(digest, source)
    hidden = hidden_spans(source, document) if document is not None else whole_text(source)
    return Content(digest, revision, source, hidden=hidden)


def tell_commit(console: Console, plan: Plan, root: Path) -> None:
    """Say it when a plan was made from another commit than the one that is checked out below `root`."""
    from flowctl.loading.repository.git import resolve

    if plan.git is None:
        return
    try:
        commit = resolve(root, "HEAD")
    except ProjectError:
        return
    if commit != plan.git.commit:
        made, here_is = plan.git.commit[:12], commit[:12]
        console.say(f"Note: the plan was made from commit {made}, the files here are of {here_is}; the plan counts.")
