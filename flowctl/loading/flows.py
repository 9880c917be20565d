"""Flow files → flows: read, look up what is remembered, learn the rest, build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from flowctl.loading.knowledge.learned import Learned
from flowctl.loading.knowledge.learner import learn_all
from flowctl.loading.knowledge.memory import Memory
from flowctl.loading.problems import Problems
from flowctl.loading.texts import Unreadable, decode, read_limited
from flowctl.loading.tree import Found
from flowctl.model.environment import Dialect
from flowctl.model.keys import FlowKey
from flowctl.model.project import Flow

MAX_FLOW_BYTES = 4 << 20
Layer = dict[FlowKey, Flow]


@dataclass(frozen=True, slots=True)
class _Text:
    file: Found
    text: str
    digest: str


def load_flows(layers: Iterable[list[Found]], dialect: Dialect, memory: Memory, problems: Problems) -> Layer:
    """The flows of all layers: a later layer's flow takes an earlier one's place; twice in a layer is a problem."""
    flows: Layer = {}
    for found in layers:
        flows.update(_load_layer(found, dialect, memory, problems))
    return flows


def _load_layer(found: list[Found], dialect: Dialect, memory: Memory, problems: Problems) -> Layer:
    texts = _read_all(found, problems)
    missing = [text for text in texts if memory.recall(text.file.namespace, text.digest) is None]
    learned = learn_all([(text.text, text.file.namespace) for text in missing], dialect)
    fresh = {(text.file.namespace, text.digest): item for text, item in zip(missing, learned, strict=True)}
    layer: Layer = {}
    for text in texts:
        key = text.file.namespace, text.digest
        item = fresh.get(key) or memory.recall(*key)
        assert item is not None
        if item.problems:
            problems.noted.extend(replace(problem, path=text.file.shown) for problem in item.problems)
        if item.id is not None and item.sound:
            memory.keep(*key, item)
            _add(layer, _flow(text, item.id, item), problems)
    return layer


def _add(layer: Layer, flow: Flow, problems: Problems) -> None:
    first = layer.setdefault(flow.key, flow)
    if first is not flow:
        summary = f"the flow {flow.key} stands in {first.path} as well"
        hint = "remove one of the two files, or change its id"
        problems.add("F371", summary, path=flow.path, at=_place_of_id(flow.source), hint=hint, place="id")


def _place_of_id(text: str) -> tuple[int, int]:
    from flowctl.flowtext.document import parse

    position = parse(text).position(("id",))
    return position.line, position.column


def _flow(text: _Text, flow_id: str, item: Learned) -> Flow:
    source, digest = text.text, text.digest
    if item.at is not None:
        source = source[: item.at] + item.inserted + source[item.at :]
        digest = sha256(source.encode()).hexdigest()
    return Flow(FlowKey(text.file.namespace, flow_id), source, digest, text.file.shown, item.references)


def _read_all(found: list[Found], problems: Problems) -> list[_Text]:
    texts = []
    for file in found:
        try:
            data = read_limited(file.path, MAX_FLOW_BYTES, "F373")
            texts.append(_Text(file, decode(data), sha256(data).hexdigest()))
        except Unreadable as problem:
            problems.add(problem.code, problem.summary, path=file.shown, at=problem.at, hint=problem.hint)
    return texts
