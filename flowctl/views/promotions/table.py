"""A promotion for a terminal, for programs and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from flowctl.model.promotion import Evidence, Need, PromotedFlow, Promotion, Rewrite
from flowctl.views.ansi import Paint, printable
from flowctl.views.values import moment, plural

FORMAT = "1.0"
HEAD = ("flow", "change", "revision", "deployed", "runs", "verdict")


def promotion_text(promotion: Promotion, *, colour: bool = False) -> str:
    """The table with the reason of each flow, what differs on purpose, what the target lacks, and a summary."""
    return "\n".join(_lines(promotion, Paint(colour))) + "\n"


def _lines(promotion: Promotion, paint: Paint) -> Iterator[str]:
    yield paint(f"Promotion from {promotion.source} to {promotion.target}", "bold")
    rows = [_row(flow) for flow in promotion.flows]
    if rows:
        yield ""
        yield from (f"  {line}" for line in _aligned([HEAD, *rows]))
    for flow in promotion.flows:
        yield from _details(flow, paint)
    if promotion.files:
        yield ""
    for file in promotion.files:
        yield f"  file {printable(str(file.target))} ({file.move}), which {file.needed_by} reads"
    yield from _needs(promotion.needs, paint)
    for problem in promotion.problems:
        yield paint(f"[{problem.code}] {printable(problem.summary)}", "red")
        yield f"    {problem.hint}"
    yield ""
    yield paint(summary(promotion), "bold")


def _row(flow: PromotedFlow) -> tuple[str, ...]:
    evidence = flow.evidence
    deployed = moment(evidence.deployed_at) if evidence is not None and evidence.deployed_at is not None else "-"
    revision = str(evidence.revision) if evidence is not None else "-"
    return str(flow.target), flow.move, revision, deployed, runs(evidence), verdict(flow)


def runs(evidence: Evidence | None) -> str:
    """`3 green, 1 failed`."""
    if evidence is None:
        return "-"
    failed = f", {evidence.failed} failed" if evidence.failed else ""
    return f"{evidence.green} green{failed}" + (f", {evidence.other} other" if evidence.other else "")


def verdict(flow: PromotedFlow) -> str:
    """`proven`, `allowed` or `not proven`."""
    return "proven" if not flow.reasons else "not proven" if flow.allowed is None else "allowed"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _details(flow: PromotedFlow, paint: Paint) -> Iterator[str]:
    lines = [
        *(f"{paint('because', 'yellow')} {printable(reason)}" for reason in flow.reasons),
        *([f"goes nevertheless: {printable(flow.allowed)}"] if flow.allowed is not None else []),
        *([f"goes along: {flow.needed_by} needs it"] if flow.needed_by is not None else []),
        *(f"kept in the target: {_change(one)}" for one in flow.kept),
        *(f"still names the source, line {one.line} of {flow.path}: {printable(one.text)}" for one in flow.leftovers),
    ]
    if lines:
        yield ""
        yield f"  {flow.target}"
        yield from (f"    {line}" for line in lines)


def _change(one: Rewrite) -> str:
    before = "absent" if one.before is None else printable(json.dumps(one.before, ensure_ascii=False))
    return f"{one.place} = {printable(json.dumps(one.after, ensure_ascii=False))} (source: {before})"


def _needs(needs: Sequence[Need], paint: Paint) -> Iterator[str]:
    if needs:
        yield ""
        yield paint("What the promoted flows use and the target lacks:", "bold")
    for need in needs:
        mark = paint("missing", "red") if need.state == "missing" else paint("not checkable", "yellow")
        yield f"  {mark}: {need.kind} {printable(need.name)}, which {need.needed_by} uses"
        yield f"      {printable(need.command)}"


def summary(promotion: Promotion) -> str:
    """`Promotion: 3 to go, 12 equal, 2 only in production.`, with what is refused, which holds all back."""
    goes = sum(flow.goes for flow in promotion.flows)
    rest = [
        *([f"{len(promotion.refused)} refused"] if promotion.refused else []),
        *([f"{plural(len(promotion.files), 'file')} along"] if promotion.files else []),
        f"{promotion.equal} equal",
        *([f"{len(promotion.only_in_target)} only in {promotion.target}"] if promotion.only_in_target else []),
    ]
    end = "; nothing goes while any is refused" if promotion.refused else ""
    return f"Promotion: {goes} to go, {', '.join(rest)}{end}."


def promotion_json(promotion: Promotion, branch: dict[str, object] | None = None) -> str:
    """The promotion for programs; `branch` is what was made of it, if anything."""
    found: dict[str, object] = {
        "format": FORMAT,
        "source": promotion.source,
        "target": promotion.target,
        "decided_at": promotion.decided_at.isoformat(),
        "commit": promotion.commit,
        "flows": [_flow_members(flow) for flow in promotion.flows],
        "files": [
            {"file": str(file.target), "change": file.move, "path": file.path, "digest": file.digest}
            for file in promotion.files
        ],
        "needs": [
            {
                "kind": need.kind,
                "name": need.name,
                "state": need.state,
                "flow": str(need.needed_by),
                "command": need.command,
            }
            for need in promotion.needs
        ],
        "problems": [{"code": one.code, "summary": one.summary, "hint": one.hint} for one in promotion.problems],
        "equal": promotion.equal,
        "only_in_target": [str(key) for key in promotion.only_in_target],
    }
    return json.dumps(found | (branch or {}), ensure_ascii=False)


def _flow_members(flow: PromotedFlow) -> dict[str, object]:
    return {
        "source": str(flow.source),
        "target": str(flow.target),
        "change": flow.move,
        "path": flow.path,
        "digest": flow.digest,
        "verdict": verdict(flow),
        "reasons": list(flow.reasons),
        "allowed": flow.allowed,
        "evidence": evidence_members(flow.evidence) if flow.evidence is not None else None,
        "rewritten": _rewrites(flow.rewritten),
        "kept": _rewrites(flow.kept),
        "leftovers": [{"line": one.line, "text": one.text} for one in flow.leftovers],
        "needed_by": str(flow.needed_by) if flow.needed_by is not None else None,
    }


def _rewrites(changes: Iterable[Rewrite]) -> list[dict[str, object]]:
    return [{"place": one.place, "before": one.before, "after": one.after} for one in changes]


def evidence_members(evidence: Evidence) -> dict[str, object]:
    """Evidence as JSON, moments in ISO 8601."""
    return {
        "revision": evidence.revision,
        "digest": evidence.digest,
        "deployed_at": evidence.deployed_at.isoformat() if evidence.deployed_at is not None else None,
        "green": evidence.green,
        "failed": evidence.failed,
        "other": evidence.other,
        "last_green": evidence.last_green.isoformat() if evidence.last_green is not None else None,
        "examples": list(evidence.examples),
    }
