"""Which flows differ between two environments, and what each would be in the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.splice import SpliceError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.project import Flow, FlowReference, Project
from flowctl.model.promotion import PromotedFlow
from flowctl.promoting.destination import Destinations
from flowctl.promoting.overriding import keep_overrides
from flowctl.promoting.rewriting import leftovers, rewrite
from flowctl.promoting.route import Route

Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both environments' files.

    `unpinned` is the target without its pins, to see what its shared directories hold; `read` gives the text of a
    file by its path relative to the workspace, with every byte; `masked` a text without its secrets, line by line.
    """

    source: Project
    target: Project
    unpinned: Project
    root: Path
    read: Reader
    masked: Callable[[str], str]

    @property
    def route(self) -> Route:
        """From the source's namespaces to the target's."""
        return Route(self.source.environment.namespace, self.target.environment.namespace)


@dataclass(frozen=True, slots=True)
class Differences:
    """The flows that differ, by the source's key; problems are texts that cannot be carried over."""

    flows: Mapping[FlowKey, PromotedFlow]
    equal: int
    only_in_target: tuple[FlowKey, ...]
    problems: tuple[Diagnostic, ...] = ()


def differences(sides: Sides) -> Differences:
    """Every flow of the source, compared with what the target's files say."""
    found, problems, equal = dict[FlowKey, PromotedFlow](), list[Diagnostic](), 0
    destinations = Destinations(sides.source, sides.unpinned, sides.root)
    for key, flow in sides.source.flows.items():
        try:
            promoted = _promoted(flow, sides, destinations)
        except (SpliceError, YamlProblem) as problem:
            problems.append(_cannot(flow, str(problem)))
            continue
        if promoted is None:
            equal += 1
        else:
            found[key] = promoted
    mapped = {sides.route.flow(key) for key in sides.source.flows}
    only = tuple(key for key in sides.target.flows if key not in mapped)
    return Differences(found, equal, only, tuple(problems))


def _promoted(flow: Flow, sides: Sides, destinations: Destinations) -> PromotedFlow | None:
    """The flow as it would be in the target; None when the target has just that."""
    route = sides.route
    key = route.flow(flow.key)
    there = sides.target.flows.get(key)
    if destinations.shared(key, flow):
        return _pinned(flow, key, there, route)
    rewritten = rewrite(flow.source, route)
    kept = keep_overrides(rewritten.text, key, sides.target.environment.overrides)
    if there is not None and there.source == kept.text:
        return None
    file_text = _file_text(flow, key, sides)
    return PromotedFlow(
        source=flow.key,
        target=key,
        move="new" if there is None else "changed",
        path=destinations.path(key, flow),
        source_text=flow.source,
        text=kept.text,
        digest=text_digest(kept.text),
        file_text=file_text,
        references=_references(flow, route),
        rewritten=rewritten.changes,
        kept=kept.changes,
        leftovers=leftovers(file_text, route, sides.masked(file_text)),
    )


def _pinned(flow: Flow, key: FlowKey, there: Flow | None, route: Route) -> PromotedFlow | None:
    """A flow of a shared directory: the target's text is the same but for the namespace, held by a digest."""
    text = rewrite(flow.source, Route(flow.key.namespace, key.namespace)).text
    digest = text_digest(text)
    if there is not None and there.digest == digest:
        return None
    return PromotedFlow(
        source=flow.key,
        target=key,
        move="pin",
        path=flow.path,
        source_text=flow.source,
        text=text,
        digest=digest,
        references=_references(flow, route),
    )


def _file_text(flow: Flow, key: FlowKey, sides: Sides) -> str:
    """What the target's file will say: the source's file, with its namespace left out where that leaves it out."""
    text = flow.source if str(flow.key) in sides.source.environment.pins else sides.read(flow.path)
    return keep_overrides(rewrite(text, sides.route).text, key, sides.target.environment.overrides).text


def _references(flow: Flow, route: Route) -> tuple[FlowReference, ...]:
    return tuple(replace(one, namespace=route.namespace(one.namespace)) for one in flow.references)


def _cannot(flow: Flow, reason: str) -> Diagnostic:
    hint = "write that place without an anchor, or edit the target's file yourself and leave the flow out (--exclude)"
    summary = f"the text of {flow.key} cannot be carried over: {reason}"
    return Diagnostic("P304", "error", summary, "", hint, path=flow.path, subject=flow.key.address)
