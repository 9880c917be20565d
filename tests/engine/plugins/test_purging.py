"""Purging key-value pairs and versions of namespace files, with the real executor and store."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output

CORE = "type: io.kestra.plugin.core."
PURGE = f"{CORE}namespace.PurgeFiles"


def written(running: Engine) -> None:
    """Three versions of `p.txt`, and of `q/r.txt`, which is deleted in the end."""
    for text in ("one", "two", "three"):
        files = f"{{p.txt: {text}, q/r.txt: {text}}}"
        running.run(flow(f"  - {{id: u, {CORE}namespace.UploadFiles, namespace: test.engine, filesMap: {files}}}\n"))
    running.run(flow(f"  - {{id: d, {CORE}namespace.DeleteFiles, namespace: test.engine, files: [q/r.txt]}}\n"))


def size(running: Engine, task: str) -> object:
    ended = running.run(flow(f"  - {{id: t, {task}, allowFailure: true}}\n"))
    return output(ended, "t").get("size", ended.state)


@pytest.mark.parametrize(
    ("more", "gone"),
    [
        ("", 4),
        (", behavior: {type: version}", 4),
        (", behavior: {type: version, keepAmount: 2}", 2),
        (", behavior: {type: version, keepAmount: 0}", 6),
        (", behavior: {type: version, before: '2999-01-01T00:00:00Z'}", 5),
        (", behavior: {type: version, before: '2000-01-01T00:00:00Z'}", 0),
        (", filePattern: 'p*'", 2),
        (", filePattern: '*.txt'", 4),
        (", filePattern: '**/r.txt'", 2),
        (", filePattern: r.txt", 0),
        (", namespaces: [test.engine]", 4),
        (", namespaces: [test]", 4),
        (", namespaces: [test], includeChildNamespaces: false", 0),
        (", namespaces: [tes]", 0),
        (", namespacePattern: 'test*'", 4),
        (", namespacePattern: '*.other'", 0),
        (", behavior: {type: version, keepAmount: 1, before: '2000-01-01T00:00:00Z'}", "WARNING"),
        (", behavior: {type: other}", "WARNING"),
        (", namespaces: [test], namespacePattern: 'test*'", "WARNING"),
    ],
)
def test_how_many_versions_go(running: Engine, more: str, gone: object) -> None:
    written(running)
    assert size(running, PURGE + more) == gone


@pytest.mark.parametrize(("keep", "state", "text"), [(1, "SUCCESS", "three"), (0, "FAILED", None)])
def test_the_version_in_force_goes_only_when_none_is_kept(
    running: Engine, keep: int, state: str, text: str | None
) -> None:
    written(running)
    size(running, f"{PURGE}, behavior: {{type: version, keepAmount: {keep}}}")
    ended = running.run(flow(f"  - {{id: r, {CORE}debug.Return, format: \"{{{{ read('p.txt') }}}}\"}}\n"))
    assert (ended.state, output(ended, "r").get("value")) == (state, text)


@pytest.mark.parametrize(
    ("more", "gone"),
    [
        ("", 0),
        (", behavior: {type: key}", 0),
        (", behavior: {type: key, expiredOnly: false}", 2),
        (", behavior: {type: key, expiredOnly: false}, keyPattern: 'a*'", 1),
        (", behavior: {type: key, expiredOnly: false}, namespaces: [test]", 2),
        (", behavior: {type: key, expiredOnly: false}, namespaces: [test], includeChildNamespaces: false", 0),
        (", behavior: {type: key, expiredOnly: false}, namespacePattern: 'other*'", 0),
        (", behavior: {type: version, keepAmount: 1}", 0),
        (", behavior: {type: version, keepAmount: 0}", 2),
        (", namespaces: [nowhere]", "WARNING"),
    ],
)
def test_how_many_pairs_go(running: Engine, more: str, gone: object) -> None:
    pairs = "".join(f"  - {{id: {key}, {CORE}kv.Set, key: {key}, value: x}}\n" for key in ("a.1", "b.1"))
    running.run(flow(pairs.replace("id: a.1", "id: a").replace("id: b.1", "id: b")))
    assert size(running, f"{CORE}kv.PurgeKV{more}") == gone
