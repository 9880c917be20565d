"""The text of a `_kv.yaml` → its entries: `KEY: scalar`, or `KEY: {type, value, ttl, description}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flowctl.flowtext.document import Document, YamlProblem, parse
from flowctl.flowtext.plain import kind_of, shown
from flowctl.flowtext.traps import find_traps
from flowctl.loading.key_values.types import TYPES, Entry, infer, misfit, misfit_ttl
from flowctl.loading.problems import Problems
from flowctl.loading.suggesting import suggestion
from flowctl.loading.yaml_codes import explain, note_duplicates
from flowctl.model.project import KvType

if TYPE_CHECKING:
    from flowctl.flowtext.document import Node, Path

MAX_VALUE_BYTES = 10 << 20
RESERVED = "flowctl."
MEMBERS = ("type", "value", "ttl", "description")
ENV_TAG = "!env"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_KEY = 256


def read_entries(text: str, path: str, problems: Problems) -> list[Entry]:
    """Every sound entry of a file; what is wrong with the others is noted."""
    try:
        document = parse(text)
    except YamlProblem as problem:
        code, summary, hint = explain(problem)
        problems.add(code, summary, path=path, at=(problem.line, problem.column), hint=hint)
        return []
    note_duplicates(document, path, problems)
    value = document.value
    if isinstance(value, dict):
        reader = _Reader(path, document, problems)
        reader.tags()
        reader.traps(text)
        entries = (reader.entry(key, item) for key, item in value.items())
        return [entry for entry in entries if entry is not None]
    if value is not None:
        hint = "write `KEY: value` lines"
        problems.add("F420", f"the file holds {kind_of(value)}, not a map of keys", path=path, at=(1, 1), hint=hint)
    return []


@dataclass(slots=True)
class _Reader:
    """Reads one file."""

    path: str
    document: Document
    problems: Problems

    def say(self, code: str, path: Path, summary: str, hint: str, *, key: bool = False) -> None:
        """Note a problem at a value, or at its key."""
        where = self.document.key_position(path) if key else self.document.position(path)
        self.problems.add(code, summary, path=self.path, at=(where.line, where.column), hint=hint)

    def entry(self, key: str, item: object) -> Entry | None:
        """One entry, None when it is not sound."""
        before = len(self.problems.errors)
        self.key(key)
        if isinstance(item, list):
            hint = f"write {key}: {{type: JSON, value: [...]}}"
            self.say("F432", (key,), f"`{key}` is a list without a type", hint)
            return None
        members = item if isinstance(item, dict) else {"value": item}
        at: Path = (key, "value") if isinstance(item, dict) else (key,)
        self.members(key, members)
        variable = self.variable(at)
        kind = self.kind(key, members, variable)
        ttl = self.ttl(key, members)
        if variable is None and kind is not None and "value" in members:
            self.value(key, at, kind, members["value"])
        if len(self.problems.errors) > before or kind is None:
            return None
        where = self.document.key_position((key,))
        value = None if variable else members.get("value")
        description = cast("str | None", members.get("description"))
        return Entry(key, kind, value, variable, ttl, description, where.line, where.column)

    def key(self, key: str) -> None:
        """A key is well-formed and not ours."""
        if key.startswith(RESERVED):
            hint = f"rename it: keys that begin with `{RESERVED}` hold flowctl's own records"
            self.say("F422", (key,), f"`{key}` is reserved", hint, key=True)
        elif not _KEY.fullmatch(key) or len(key) > _MAX_KEY:
            hint = f"letters, digits, `.`, `_` and `-`, the first a letter or digit, at most {_MAX_KEY}"
            self.say("F421", (key,), f"{shown(key)} is no key", hint, key=True)

    def members(self, key: str, members: Mapping[str, object]) -> None:
        """Only known members, and a value among them."""
        known = f"known: {', '.join(MEMBERS)}; a map as a value needs type: JSON and `value:`"
        for member in members:
            if member not in MEMBERS:
                hint = suggestion(member, MEMBERS, known)
                self.say("F423", (key, member), f"unknown member `{member}` of `{key}`", hint, key=True)
        if "value" not in members:
            self.say("F427", (key,), f"`{key}` has no value", "add `value:`", key=True)
        description = members.get("description")
        if description is not None and not isinstance(description, str):
            hint = "put the text into quotes"
            self.say("F433", (key, "description"), f"the description is {kind_of(description)}, not text", hint)

    def variable(self, at: Path) -> str | None:
        """The name behind `!env`, None for a value of another kind."""
        node = self.document.node(at)
        if node is None or node.tag != ENV_TAG:
            return None
        if isinstance(node.value, str) and _VARIABLE.fullmatch(node.value):
            return node.value
        # What stands there is not shown: it may be the secret itself, written where its variable belongs.
        blank = isinstance(node.value, str) and not node.value.strip()
        said = "`!env` without the name of a variable" if blank else "the name after `!env` is malformed"
        self.say("F429", at, said, "write !env NAME: letters, digits and underscores, the first no digit")
        return "_"

    def tags(self) -> None:
        """`!env` stands before values only, and there is no other tag."""
        for node in self.document.tagged:
            path = self.document.path_of(node)
            if not node.tag.startswith("tag:yaml.org") and not self.may_be_tagged(node, path):
                hint = "only `KEY: !env NAME` and `value: !env NAME` are known"
                self.say("F436", path, f"the tag `{node.tag}` has no meaning here", hint)

    def traps(self, text: str) -> None:
        """Values that are read as something else than they look like."""
        for trap in find_traps(text, self.document):
            if trap.code != "F223":
                at = (trap.line, trap.column)
                self.problems.add(
                    trap.code, trap.message, path=self.path, at=at, hint=trap.hint, severity=trap.severity
                )

    def may_be_tagged(self, node: Node, path: Path) -> bool:
        """Whether a tagged node is a value that comes from a variable."""
        return node.tag == ENV_TAG and (len(path) == 1 or (len(path) == 2 and path[1] == "value"))

    def kind(self, key: str, members: Mapping[str, object], variable: str | None) -> KvType | None:
        """The stated type, else the one that the value has."""
        stated = members.get("type")
        if stated is None:
            return "STRING" if variable is not None else infer(members.get("value"))
        if isinstance(stated, str) and stated in TYPES:
            return cast("KvType", stated)
        hint = suggestion(str(stated).upper(), TYPES, f"one of {', '.join(TYPES)}")
        self.say("F424", (key, "type"), f"{shown(stated)} is no type", hint)
        return None

    def ttl(self, key: str, members: Mapping[str, object]) -> str | None:
        """The time to live as stated."""
        ttl = members.get("ttl")
        if ttl is None:
            return None
        problem = misfit_ttl(ttl)
        if problem:
            hint = "an ISO-8601 duration such as PT12H or P7D"
            self.say("F426", (key, "ttl"), f"the ttl of `{key}` is {shown(ttl)}: {problem}", hint)
        return str(ttl)

    def value(self, key: str, at: Path, kind: KvType, value: object) -> None:
        """A value fits its type and the server's limit."""
        if value is None and kind != "JSON":
            self.say("F431", at, f"`{key}` has no value", 'write one; for an empty text write ""', key=True)
            return
        problem = misfit(kind, value)
        if problem:
            self.say("F425", at, f"{shown(value)} is no {kind}: {problem}", "correct the value, or its type")
            return
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_VALUE_BYTES:
            hint = "put large data into a namespace file"
            self.say("F428", at, f"`{key}` has {size:,} bytes, the limit is {MAX_VALUE_BYTES:,}", hint)
