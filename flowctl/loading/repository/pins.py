"""`pins`: flows held at an earlier text, which comes from the Git history of their file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from flowctl.loading.problems import Problems
from flowctl.loading.repository.git import commits_of, text_at
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.project import Flow


def apply_pins(root: Path, environment: Environment, flows: dict[FlowKey, Flow], problems: Problems) -> None:
    """Put the pinned texts in place of the files'. A pin whose text cannot be had is a problem."""
    names = {str(key): key for key in flows}
    shown = environment.path.relative_to(root).as_posix()
    for name, digest in environment.pins.items():
        key = names.get(name)
        if key is None:
            hint = "remove the pin, or bring the file back"
            at = _position(environment, name)
            problems.add("F508", f"the pinned flow {name} has no file", path=shown, at=at, hint=hint)
            continue
        if flows[key].digest.startswith(digest):
            continue
        pinned = _earlier(root, flows[key], digest, environment)
        if pinned is None:
            hint = "check the digest; in a shallow clone fetch the whole history (fetch-depth: 0)"
            summary = f"no commit of {flows[key].path} has the text {digest} of {name}"
            problems.add("F507", summary, path=shown, at=_position(environment, name), hint=hint)
        else:
            flows[key] = pinned


def _position(environment: Environment, name: str) -> tuple[int, int]:
    from flowctl.flowtext.document import parse

    position = parse(environment.path.read_text(encoding="utf-8")).position(("pins", name))
    return position.line, position.column


def _earlier(root: Path, flow: Flow, digest: str, environment: Environment) -> Flow | None:
    """The newest text of the flow's file that has the digest."""
    from flowctl.loading.knowledge.learning import learn

    for text in _history(root, flow.path):
        learned = learn(text, flow.key.namespace, environment.dialect or "lenient")
        if learned.id != flow.key.id or not learned.sound:
            continue
        source = text if learned.at is None else text[: learned.at] + learned.inserted + text[learned.at :]
        found = sha256(source.encode()).hexdigest()
        if found.startswith(digest):
            return replace(flow, source=source, digest=found, references=learned.references)
    return None


def _history(root: Path, path: str) -> Iterator[str]:
    for commit in commits_of(root, path):
        data = text_at(root, commit, path)
        if data is not None:
            try:
                yield data.decode("utf-8")
            except UnicodeDecodeError:
                continue
