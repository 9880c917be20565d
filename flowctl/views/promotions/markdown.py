"""A promotion as the message of its commit and the text of its pull request."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.model.promotion import PromotedFlow, Promotion
from flowctl.views.markdown import code, escaped
from flowctl.views.promotions.table import runs, summary, verdict
from flowctl.views.values import digest, moment, plural

MOST_ROWS = 200


def title(promotion: Promotion) -> str:
    """The first line of the commit and the title of the pull request."""
    going = [flow for flow in promotion.flows if flow.goes]
    what = str(going[0].target) if len(going) == 1 else plural(len(going), "flow")
    return f"Promote {what} from {promotion.source} to {promotion.target}"


def commit_message(promotion: Promotion) -> str:
    """The whole message: of each flow the source's revision, the digest and the evidence."""
    lines = [title(promotion), ""]
    for flow in promotion.flows:
        if flow.goes:
            lines += _message_lines(flow)
    lines += [f"file {file.target}: {digest(file.digest)}" for file in promotion.files]
    lines += ["", f"Promoted-From: {promotion.source}"]
    if promotion.commit is not None:
        lines.append(f"Source-Commit: {promotion.commit}")
    return "\n".join(lines) + "\n"


def _message_lines(flow: PromotedFlow) -> Iterator[str]:
    evidence = flow.evidence
    revision = f"revision {evidence.revision} of {flow.source}" if evidence is not None else f"{flow.source}"
    yield f"{flow.target}: {revision}, digest {digest(flow.digest)}"
    if evidence is not None:
        since = f", deployed {moment(evidence.deployed_at)}" if evidence.deployed_at is not None else ""
        yield f"  {runs(evidence)}{since}"
        if evidence.examples:
            yield f"  executions {', '.join(evidence.examples)}"
    if flow.allowed is not None:
        yield f"  not proven, allowed: {' '.join(flow.allowed.split())}"


def promotion_markdown(promotion: Promotion) -> str:
    """The table, what was let go unproven, what stays different, and what the target still lacks."""
    return "\n".join(_markdown(promotion)) + "\n"


def _markdown(promotion: Promotion) -> Iterator[str]:
    yield f"### Promotion from {code(promotion.source)} to {code(promotion.target)}"
    yield ""
    yield "| Flow | Change | Source revision | Runs | Verdict |"
    yield "|---|---|---|---|---|"
    for flow in promotion.flows[:MOST_ROWS]:
        revision = str(flow.evidence.revision) if flow.evidence is not None else "-"
        cells = (code(str(flow.target)), flow.move, revision, runs(flow.evidence), verdict(flow))
        yield f"| {' | '.join(cells)} |"
    if len(promotion.flows) > MOST_ROWS:
        yield f"\n{len(promotion.flows) - MOST_ROWS} more are in the commit."
    yield ""
    yield from _remarks(promotion)
    if promotion.needs:
        yield f"#### Before this is applied, {code(promotion.target)} needs"
        yield ""
        for need in promotion.needs:
            yield f"- [ ] {need.kind} {code(need.name)} ({need.state}): {escaped(need.command)}"
        yield ""
    yield summary(promotion)


def _remarks(promotion: Promotion) -> Iterator[str]:
    lines = []
    for flow in promotion.flows:
        if flow.allowed is not None:
            reasons = "; ".join(flow.reasons)
            lines.append(f"- {code(str(flow.target))} goes unproven ({escaped(reasons)}): {escaped(flow.allowed)}")
        lines += [f"- {code(str(flow.target))} keeps its own {code(one.place)}" for one in flow.kept]
        lines += [
            f"- {code(str(flow.target))} still names the source in line {one.line}: {code(one.text)}"
            for one in flow.leftovers
        ]
    if lines:
        yield from lines
        yield ""
