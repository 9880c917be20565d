"""What of a promoted flow may be shown: neither a secret that it keeps in the target nor one of the source."""

from __future__ import annotations

from dataclasses import replace

from flowctl.model.promotion import PromotedFlow, Rewrite


def veiled(flow: PromotedFlow) -> PromotedFlow:
    """The flow with masked values where the target keeps its own; the texts are as they were."""
    if not flow.kept:
        return flow
    return replace(flow, kept=tuple(_kept(one, flow) for one in flow.kept))


def _kept(one: Rewrite, flow: PromotedFlow) -> Rewrite:
    before = one.before if one.before is None else _shown(flow.source_text, one.place)
    return Rewrite(one.place, before, _shown(flow.text, one.place))


def _shown(text: str, place: str) -> object:
    """The value at a place with its secrets masked."""
    from flowctl.flowtext.document import parse
    from flowctl.flowtext.places import parse_place
    from flowctl.planning.differences.masking import veil

    value = veil(parse(text).value)
    for step in parse_place(value, place):
        value = value[step]  # type: ignore[index]  # parse_place found this path in these very maps and lists
    return _masked(value)


def _masked(value: object) -> object:
    from flowctl.planning.differences.masking import MASK, Hidden

    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return MASK if isinstance(value, Hidden) else value
