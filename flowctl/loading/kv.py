"""`_kv.yaml` → key-value pairs: `KEY: scalar`, or `KEY: {type, value, ttl, description}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from flowctl.flowtext.digests import kv_digest
from flowctl.flowtext.plain import kind_of, shown
from flowctl.loading.kv_types import TYPES, infer, misfit, misfit_ttl, read_variable
from flowctl.loading.problems import Problems
from flowctl.loading.texts import Unreadable, decode, read_limited
from flowctl.loading.tree import Found
from flowctl.model.keys import KvKey
from flowctl.model.project import KeyValue, KvType

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document, Path

MAX_VALUE_BYTES = 10 << 20
MAX_FILE_BYTES = 16 << 20
RESERVED = "flowctl."
MEMBERS = ("type", "value", "ttl", "description")
ENV_TAG = "!env"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_KEY = 256


def load_key_values(
    layers: Iterable[list[Found]], environ: Mapping[str, str], problems: Problems
) -> dict[KvKey, KeyValue]:
    """The pairs of all layers, sorted; a later layer's pair takes an earlier one's place."""
    pairs: dict[KvKey, KeyValue] = {}
    for layer in layers:
        seen: dict[str, str] = {}
        for found in layer:
            first = seen.setdefault(found.namespace, found.shown)
            if first != found.shown:
                hint = "keep one of the two"
                problems.add("F434", f"{first} holds this namespace's pairs already", path=found.shown, hint=hint)
            pairs.update(_load_file(found, environ, problems))
    return dict(sorted(pairs.items()))


def _load_file(found: Found, environ: Mapping[str, str], problems: Problems) -> dict[KvKey, KeyValue]:
    from flowctl.flowtext.document import YamlProblem, parse
    from flowctl.loading.checked import note_duplicate
    from flowctl.loading.yaml_codes import explain

    try:
        document = parse(decode(read_limited(found.path, MAX_FILE_BYTES, "F428")))
    except Unreadable as unreadable:
        problems.add(unreadable.code, unreadable.summary, path=found.shown, at=unreadable.at, hint=unreadable.hint)
        return {}
    except YamlProblem as problem:
        code, summary, hint = explain(problem)
        problems.add(code, summary, path=found.shown, at=(problem.line, problem.column), hint=hint)
        return {}
    for path, position in document.duplicates:
        note_duplicate(problems, found.shown, path, (position.line, position.column))
    reader = _Reader(found, document, environ, problems)
    return reader.read()


@dataclass(slots=True)
class _Reader:
    """Reads one file."""

    found: Found
    document: Document
    environ: Mapping[str, str]
    problems: Problems

    def read(self) -> dict[KvKey, KeyValue]:
        """Every pair that is sound."""
        value = self.document.value
        if value is None:
            return {}
        if not isinstance(value, dict):
            hint = "write `KEY: value` lines"
            self.say("F420", (), f"the file holds {kind_of(value)}, not a map of keys", hint)
            return {}
        pairs = (self.pair(key, item) for key, item in value.items())
        return {pair.key: pair for pair in pairs if pair is not None}

    def say(self, code: str, path: Path, summary: str, hint: str, *, key: bool = False, warn: bool = False) -> None:
        """Note a problem at a value, or at its key."""
        where = self.document.key_position(path) if key else self.document.position(path)
        self.problems.add(
            code,
            summary,
            path=self.found.shown,
            at=(where.line, where.column),
            hint=hint,
            severity="warning" if warn else "error",
        )

    def pair(self, key: str, item: object) -> KeyValue | None:
        """One pair, None when it is not sound."""
        before = len(self.problems.errors)
        self.key(key)
        members, at = ({"value": item}, (key,)) if not isinstance(item, dict) else (item, (key, "value"))
        if isinstance(item, list):
            hint = f"write {key}: {{type: JSON, value: [...]}}"
            self.say("F432", (key,), f"`{key}` is a list without a type", hint)
            return None
        self.members(key, members)
        variable = self.variable(at)
        kind = self.kind(key, members, variable)
        ttl = self.ttl(key, members)
        value = members.get("value")
        if variable is None and kind is not None:
            self.value(key, at, kind, value, stated="value" in members)
        if len(self.problems.errors) > before or kind is None:
            return None
        return self.made(key, kind, value, variable, ttl, members.get("description"))

    def made(
        self, key: str, kind: KvType, value: object, variable: str | None, ttl: str | None, description: object
    ) -> KeyValue | None:
        """The pair, its digest included."""
        text = str(description) if description is not None else None
        name = KvKey(self.found.namespace, key)
        if variable is None:
            return KeyValue(name, kind, value, kv_digest(kind, value), self.found.shown, None, ttl, text)
        return KeyValue(
            name, kind, None, self.digest_of_variable(key, kind, variable), self.found.shown, variable, ttl, text
        )

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
        for member in members:
            if member not in MEMBERS:
                near = get_close_matches(member, MEMBERS, 1, 0.6)
                hint = (
                    f"did you mean `{near[0]}`?" if near else f"known: {', '.join(MEMBERS)}; for a map write type: JSON"
                )
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
        for tagged in self.document.tagged:
            if tagged is not node:
                self.foreign_tag(tagged, at)
        if node is None or node.tag != ENV_TAG:
            return None
        name = node.value if isinstance(node.value, str) else ""
        if _VARIABLE.fullmatch(name):
            return str(name)
        self.say("F429", at, "`!env` without the name of a variable", "write !env NAME, the name as a shell takes it")
        return None

    def foreign_tag(self, tagged: object, at: Path) -> None:
        """A tag below this pair that flowctl does not know, or `!env` where no value stands."""
        path = self.document.path_of(tagged)  # type: ignore[arg-type]  # nodes are PyYAML's, known to flowtext only
        tag = str(getattr(tagged, "tag", ""))
        if path[:1] != at[:1] or tag.startswith("tag:yaml.org"):
            return
        self.say("F436", path, f"the tag `{tag}` has no meaning here", "only `value: !env NAME` is known")

    def kind(self, key: str, members: Mapping[str, object], variable: str | None) -> KvType | None:
        """The stated type, else the one that the value has."""
        stated = members.get("type")
        if stated is None:
            return "STRING" if variable is not None else infer(members.get("value"))
        if isinstance(stated, str) and stated in TYPES:
            return cast("KvType", stated)
        near = get_close_matches(str(stated).upper(), TYPES, 1, 0.6)
        hint = f"did you mean {near[0]}? " if near else ""
        self.say("F424", (key, "type"), f"{shown(stated)} is no type", f"{hint}one of {', '.join(TYPES)}")
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

    def value(self, key: str, at: Path, kind: KvType, value: object, *, stated: bool) -> None:
        """A value fits its type and the server's limit."""
        if not stated:
            return
        if value is None and kind != "JSON":
            self.say("F431", at, f"`{key}` has no value", 'write one; for an empty text write ""', key=True)
            return
        problem = misfit(kind, value)
        if problem:
            self.say("F425", at, f"{shown(value)} is no {kind}: {problem}", "correct the value, or its type")
            return
        size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if size > MAX_VALUE_BYTES:
            hint = "put large data into a namespace file"
            self.say("F428", at, f"`{key}` has {size:,} bytes, the limit is {MAX_VALUE_BYTES:,}", hint)

    def digest_of_variable(self, key: str, kind: KvType, variable: str) -> str | None:
        """The digest of a variable's value, None when it is not set; the value itself goes nowhere."""
        text = self.environ.get(variable)
        if text is None:
            hint = f"apply needs it: set {variable}, or a plan cannot say whether `{key}` changed"
            self.say("F430", (key,), f"the variable {variable} of `{key}` is not set", hint, key=True, warn=True)
            return None
        try:
            return kv_digest(kind, read_variable(kind, text))
        except ValueError:
            hint = "its value is not shown: it is a secret"
            self.say("F435", (key,), f"the value of {variable} is no {kind}", hint, key=True)
            return None
