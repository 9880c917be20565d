"""The target server's opinion of flows, in one request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flowctl.model.keys import FlowKey
from flowctl.model.live import Verdict
from flowctl.remote.http import failures
from flowctl.remote.http.transport import YAML, Answer, Transport

SEPARATOR = "---\n"
_SPLITS = re.compile(r"\n---")
NOT_CHECKED = (
    "the server cannot check this text: its validation cuts a text at every line that begins with `---`, "
    "and there is one inside"
)


def validate(transport: Transport, flows: Sequence[tuple[FlowKey, str]]) -> tuple[Verdict, ...]:
    """One verdict per flow, in order.

    Documents go in one request, separated as the server wants it. A text that holds such a separator itself cannot
    be checked this way; its verdict says so.
    """
    together = [(key, source) for key, source in flows if not _SPLITS.search(source.rstrip())]
    found = dict(zip((key for key, _ in together), _ask(transport, together), strict=True))
    return tuple(found.get(key) or Verdict(key, infos=(NOT_CHECKED,)) for key, _ in flows)


def _ask(transport: Transport, flows: Sequence[tuple[FlowKey, str]]) -> list[Verdict]:
    if not flows:
        return []
    body = SEPARATOR.join(_document(source) for _, source in flows).encode()
    answer = transport.send("POST", transport.tenant("/flows/validate"), content=body, headers=YAML, repeatable=True)
    items = answer.json()
    if not isinstance(items, list):
        raise failures.odd_shape(answer.asked, "expected a list of verdicts")
    by_index = {_index(item, answer): item for item in items}
    if set(by_index) != set(range(len(flows))):
        raise failures.odd_shape(answer.asked, f"{len(items)} verdicts for {len(flows)} flows")
    return [_verdict(key, by_index[index]) for index, (key, _) in enumerate(flows)]


def _document(source: str) -> str:
    """A text as one of several, its last line ended: a byte order mark or a separator may only stand at the very
    beginning. Otherwise it stays whole, so that a server may know it again when it is written."""
    text = source.removeprefix("\ufeff").removeprefix("---\n")
    return text if text.endswith("\n") else text + "\n"


def _index(item: object, answer: Answer) -> int:
    index = item.get("index") if isinstance(item, dict) else None
    if not isinstance(index, int):
        raise failures.odd_shape(answer.asked, "a verdict without an index")
    return index


def _verdict(key: FlowKey, item: Mapping[str, object]) -> Verdict:
    constraints = item.get("constraints")
    lines = constraints.splitlines() if isinstance(constraints, str) else ()
    return Verdict(
        key,
        constraints=tuple(line for line in lines if line.strip()),
        warnings=_texts(item, "warnings"),
        deprecations=_texts(item, "deprecationPaths"),
        infos=_texts(item, "infos"),
    )


def _texts(item: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = item.get(name)
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
