"""Tasks over the key-value store: set, get, list, delete and purge pairs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.core.purging import versions_of, wanted_names
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.language.durations import parse_duration

_PREFIX = "io.kestra.plugin.core.kv."
KINDS = ("STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON")


DURATION = re.compile(r"P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_RULE = (
    "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric characters "
    "(uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
)


def _namespace(context: RunContext, properties: Properties) -> str:
    found = properties.text("namespace") or context.place.namespace
    _exists(context, found)
    return found


def _exists(context: RunContext, namespace: str) -> None:
    if namespace != context.place.namespace and not context.kv.exists(namespace):
        raise TaskFailure(f"Cannot access the KV store. The namespace '{namespace}' does not exist.")


def _key(properties: Properties) -> str:
    key = properties.required("key")
    if not KEY.fullmatch(key):
        raise TaskFailure(KEY_RULE)
    return key


class Set(BuiltIn):
    """Writes a pair."""

    name = _PREFIX + "Set"
    inline = False
    prints = False

    def run(self, context: RunContext, properties: Properties) -> None:
        """Without `kvType` a lone template keeps its type (but in Put of 1.3), plain text stays text; so does one in a
        map or a list. A text that is a duration of whole numbers is kept as one, whatever `kvType` (seen on a 2.0)."""
        raw, kind = properties.raw("value"), properties.text("kvType")
        value = self._value(context, properties, raw)
        if kind is not None:
            value = convert(properties.choice("kvType", KINDS, "STRING"), properties.rendered_text(raw))
        if isinstance(value, str) and DURATION.fullmatch(value) and kind in (None, "STRING"):
            kind = "DURATION"
        context.kv.set(
            _namespace(context, properties),
            _key(properties),
            value,
            kind=kind or ("STRING" if isinstance(value, str) else None),
            overwrite=properties.flag("overwrite", True),
            ttl=_time(context, properties),
            description=properties.text("kvDescription"),
        )

    def _value(self, context: RunContext, properties: Properties, raw: object) -> object:
        if isinstance(raw, dict | list):
            return properties.tree(raw)
        if raw is None or (isinstance(raw, str) and not (self.prints and context.place.dialect == "1.3")):
            return properties.typed(raw)
        return properties.rendered_text(raw)


def _time(context: RunContext, properties: Properties) -> int | None:
    """`ttl` in microseconds; only 2.0 insists on one above zero.

    Raises:
        BadProperty: it is no duration above zero.
    """
    found = properties.duration("ttl")
    if found is not None and found <= 0 and context.place.dialect == "2.0":
        raise BadProperty(f"`ttl` must be above zero, but is {properties.text('ttl')}")
    return found


class Put(Set):
    """The newer name of Set, which can insist on an existing pair."""

    name = _PREFIX + "Put"
    prints = True

    def run(self, context: RunContext, properties: Properties) -> None:
        """As Set; with `errorOnMissing` the key must be there."""
        namespace, key = _namespace(context, properties), _key(properties)
        if properties.flag("errorOnMissing") and context.kv.get(namespace, key) is None:
            raise TaskFailure(missing(key, namespace))
        super().run(context, properties)


def missing(key: str, namespace: str) -> str:
    """What to say when there is no pair."""
    return f"No value found for key '{key}' in namespace '{namespace}' and `errorOnMissing` is set to true"


def convert(kind: str, text: str) -> object:
    """A text as a value of the named type.

    Raises:
        TaskFailure: it is none.
    """
    try:
        if kind in ("NUMBER", "JSON"):
            return json.loads(text)
        if kind == "DATE":
            return date.fromisoformat(text).isoformat()
        if kind == "DATETIME":
            datetime.fromisoformat(text)
        if kind == "DURATION":
            parse_duration(text)
    except ValueError as error:
        raise TaskFailure(f"the value is no {kind}: {error}") from None
    return text.lower() == "true" if kind == "BOOLEAN" else text


class Get(BuiltIn):
    """Reads a pair."""

    name = _PREFIX + "Get"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`value`, of the flow's namespace or the nearest above that has the key; of another namespace only."""
        namespace, key = _namespace(context, properties), _key(properties)
        value = context.kv.get(namespace, key, inherited=namespace == context.place.namespace)
        if value is None and properties.flag("errorOnMissing"):
            raise TaskFailure(missing(key, namespace))
        return {"value": value}


class Delete(BuiltIn):
    """Removes a pair."""

    name = _PREFIX + "Delete"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`deleted`: whether there was one."""
        namespace, key = _namespace(context, properties), _key(properties)
        deleted = context.kv.delete(namespace, key)
        if not deleted and properties.flag("errorOnMissing"):
            raise TaskFailure(missing(key, namespace))
        return {"deleted": deleted}


class GetKeys(BuiltIn):
    """Lists keys."""

    name = _PREFIX + "GetKeys"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`keys`."""
        return {"keys": context.kv.keys(_namespace(context, properties), properties.text("prefix") or "")}


class PurgeKV(BuiltIn):
    """Removes pairs, the expired ones unless told otherwise."""

    name = _PREFIX + "PurgeKV"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`size`: how many. Versions are not kept here, so none goes but with `keepAmount: 0`, which leaves no pair."""
        for namespace in properties.texts("namespaces"):
            _exists(context, namespace)
        wanted, behavior = wanted_names(properties, "keyPattern"), properties.nested("behavior")
        if behavior.choice("type", ("key", "version"), "key") == "version":
            every = versions_of(properties).keep == 0
            return {"size": context.kv.purge(wanted, expired_only=False) if every else 0}
        expired = properties.flag("expiredOnly", True) and behavior.flag("expiredOnly", True)
        return {"size": context.kv.purge(wanted, expired_only=expired)}


TASKS: list[Task] = [Set(), Put(), Get(), Delete(), GetKeys(), PurgeKV()]
