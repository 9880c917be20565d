"""What a flow's text needs around it: plugins, secrets, key-values and namespace files whose names are fixed.

Names that are computed cannot be known before the flow runs; they are kept as `computed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flowctl.flowtext.document import parse

_TYPE = re.compile(r"[a-z][\w]*(?:\.[a-z][\w]*)+\.[A-Z]\w*")
_CALL = re.compile(
    r"\b(?P<name>secret|kv|read|fileSize|fileExists)\(\s*(?:(?:key|path)\s*=\s*)?"
    r"(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<computed>[^)\s][^)]*))"
    r"(?P<rest>[^)]*)\)"
)
_NAMESPACE = re.compile(r"""^\s*,\s*(?:namespace\s*=\s*)?['"](?P<namespace>[a-z0-9][\w.-]*)['"]""")
_FILE = re.compile(r"nsfile:///(?P<path>[^\s'\"{}]+)")
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_KV_TASKS = (".kv.Get", ".kv.Delete")


@dataclass(frozen=True, slots=True)
class Uses:
    """What one text uses. `values` and `secrets` pair a namespace (None: the flow's own) and a key.

    `all_files` when a task mounts the namespace's files; `computed` are calls whose name is an expression.
    """

    types: frozenset[str] = frozenset()
    secrets: frozenset[tuple[str | None, str]] = frozenset()
    values: frozenset[tuple[str | None, str]] = frozenset()
    files: frozenset[str] = frozenset()
    all_files: bool = False
    computed: frozenset[tuple[str, str]] = frozenset()


def uses_of(text: str) -> Uses:
    """What a flow's text uses. What is disabled uses nothing, but its type has to be known.

    Raises:
        YamlProblem: the text is not sound.
    """
    types, secrets, values, files, computed = set[str](), set[_Name](), set[_Name](), set[str](), set[_Computed]()
    every = False
    for key, value, around, asleep in _scalars(parse(text).value):
        if key == "type" and _TYPE.fullmatch(value):
            types.add(value)
        if asleep:
            continue
        if key == "key" and str(around.get("type", "")).endswith(_KV_TASKS) and "{{" not in value:
            values.add((_plain(around.get("namespace")), value))
        every = every or ("namespaceFiles" in around and _enabled(around["namespaceFiles"]))
        files |= {f"/{found['path'].lstrip('/')}" for found in _FILE.finditer(value)}
        for name, place, first in _calls(value):
            if first is None:
                computed.add((_KINDS[name], place[1] or ""))
            elif name in ("secret", "kv"):
                (secrets if name == "secret" else values).add((place[0], first))
            elif not first.startswith(("kestra://", "nsfile://", "file://")):
                files.add(f"/{first.lstrip('/')}")
    return Uses(frozenset(types), frozenset(secrets), frozenset(values), frozenset(files), every, frozenset(computed))


_Name = tuple[str | None, str]
_Computed = tuple[str, str]
_KINDS = {"secret": "secret", "kv": "kv", "read": "file", "fileSize": "file", "fileExists": "file"}


def _calls(value: str) -> Iterator[tuple[str, tuple[str | None, str | None], str | None]]:
    """Calls in the expressions of a text: name, (namespace, what is computed), constant first argument."""
    for expression in _EXPRESSION.finditer(value):
        for call in _CALL.finditer(expression[0]):
            first = call["single"] if call["single"] is not None else call["double"]
            namespace = _NAMESPACE.match(call["rest"] or "")
            if first is None and call["name"] not in ("secret", "kv"):
                continue  # a file of the run itself, such as read(outputs.x.uri): nothing that a target could lack
            yield call["name"], (namespace["namespace"] if namespace else None, call["computed"]), first


def _scalars(
    value: object, key: str = "", around: dict[str, object] | None = None, *, asleep: bool = False
) -> Iterator[_Scalar]:
    """Every text with its key, the map around it, and whether it is of something that is disabled."""
    if isinstance(value, dict):
        off = asleep or value.get("disabled") in (True, "true")
        for name, item in value.items():
            yield from _scalars(item, name, value, asleep=off)
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item, key, around, asleep=asleep)
    elif isinstance(value, str):
        yield key, value, around or {}, asleep


_Scalar = tuple[str, str, dict[str, object], bool]


def _enabled(value: object) -> bool:
    return isinstance(value, dict) and value.get("enabled") is not False


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) and "{{" not in value else None
