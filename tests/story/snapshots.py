"""Generated projects: what the files of one environment may look like, as values and on disk."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

DIRECTORIES = ("", "team", "team/deep", "other")
NAMES = ("alpha", "beta", "gamma", "delta", "with-hyphen", "under_score", "n1")
TEXTS = ("one", "two", "on", "12:30", "é ü ☃", "a: b", "'quoted'", "# no comment", "trailing  ")
KEYS = ("colour", "limit", "when", "flag")
VALUES = ("blue", "12", "true", "2026-01-15", "PT5M", "{type: JSON, value: {a: [1, 2]}}", "{type: NUMBER, value: 1.5}")
PATHS = ("a.txt", "data/b.csv", "data/deep/c.bin", "with space.txt")
BYTES = (b"", b"text\n", b"\x00\xff\xfe", "é\r\n".encode("latin-1"))


@dataclass(frozen=True, slots=True)
class FlowFile:
    """One flow: where it stands, what it says, which flows it calls, how its text is laid out."""

    directory: str
    text: str
    calls: tuple[str, ...] = ()
    layout: str = "plain"
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of one environment at one time. Flow names are unique, so a change of directory is a move."""

    flows: Mapping[str, FlowFile] = field(default_factory=dict)
    kv: Mapping[tuple[str, str], str] = field(default_factory=dict)
    files: Mapping[tuple[str, str], bytes] = field(default_factory=dict)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any sound project: every call names a flow that is there, and no flow calls in a circle."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
    flows = {name: draw(_flow(names[:index])) for index, name in enumerate(names)}
    places = st.tuples(st.sampled_from(DIRECTORIES), st.sampled_from(KEYS))
    paths = st.tuples(st.sampled_from(DIRECTORIES), st.sampled_from(PATHS))
    return Snapshot(
        flows,
        draw(st.dictionaries(places, st.sampled_from(VALUES), max_size=3)),
        draw(st.dictionaries(paths, st.sampled_from(BYTES), max_size=3)),
    )


def _flow(others: list[str]) -> st.SearchStrategy[FlowFile]:
    calls = st.lists(st.sampled_from(others), unique=True, max_size=2) if others else st.just([])
    return st.builds(
        FlowFile,
        st.sampled_from(DIRECTORIES),
        st.sampled_from(TEXTS),
        calls.map(tuple),
        st.sampled_from(("plain", "comment", "crlf", "bom", "states-namespace")),
        st.integers(0, 1),
    )


def write(snapshot: Snapshot, root: Path, environment: str) -> None:
    """Make the workspace's files those of a snapshot. Two layers: `flows/base` and `flows/ENVIRONMENT`."""
    layers = (root / "flows/base", root / "flows" / environment)
    for layer in layers:
        shutil.rmtree(layer, ignore_errors=True)
        layer.mkdir(parents=True)
    for name, flow in snapshot.flows.items():
        path = layers[flow.layer] / flow.directory / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source(name, flow, snapshot, environment))
        if flow.layer == 1 and flow.layout == "plain":
            below = layers[0] / flow.directory / f"{name}.yaml"
            below.parent.mkdir(parents=True, exist_ok=True)
            below.write_text(f"id: {name}\ntasks:\n  - id: hidden\n    type: io.kestra.plugin.core.debug.Return\n")
    for (directory, path_name), data in snapshot.files.items():
        target = layers[0] / directory / "_files" / path_name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    for directory in {directory for directory, _ in snapshot.kv}:
        pairs = [f"{key}: {value}\n" for (place, key), value in snapshot.kv.items() if place == directory]
        (layers[0] / directory).mkdir(parents=True, exist_ok=True)
        (layers[0] / directory / "_kv.yaml").write_text("".join(pairs))


def source(name: str, flow: FlowFile, snapshot: Snapshot, environment: str) -> bytes:
    """The bytes of one flow's file."""
    lines = [f"id: {name}"]
    if flow.layout == "states-namespace":
        lines.append(f"namespace: {namespace(environment, flow.directory)}")
    if flow.layout == "comment":
        lines.insert(0, "# a comment ahead")
    lines.append("tasks:")
    lines += ["  - id: say", "    type: io.kestra.plugin.core.log.Log", f"    message: {_quoted(flow.text)}"]
    for number, callee in enumerate(flow.calls):
        lines += [
            f"  - id: call-{number}",
            "    type: io.kestra.plugin.core.flow.Subflow",
            f"    namespace: {namespace(environment, snapshot.flows[callee].directory)}",
            f"    flowId: {callee}",
        ]
    end = "\r\n" if flow.layout == "crlf" else "\n"
    return (("\ufeff" if flow.layout == "bom" else "") + end.join(lines) + end).encode()


def namespace(environment: str, directory: str) -> str:
    """The namespace of a directory."""
    return ".".join((environment, *directory.split("/"))) if directory else environment


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
