"""`kv.*`, `state.*`, `storage.*`, `namespace.*`."""

from __future__ import annotations

from dataclasses import replace

from flowctl.language.types.build import (
    ANNOUNCED,
    ONLY_1,
    anything,
    count,
    data,
    duration,
    flag,
    items,
    line,
    literal,
    mapping,
    number,
    option,
    sequence,
    switch,
    table,
    text,
)
from flowctl.language.types.common import task
from flowctl.language.types.spec import PropertySpec, TypeSpec

_KV = "io.kestra.plugin.core.kv."
_STATE = "io.kestra.plugin.core.state."
_STORAGE = "io.kestra.plugin.core.storage."
_NS = "io.kestra.plugin.core.namespace."

_KEY = text("Name of the pair.", required=True)
_MISSING = switch(False, "Fail when it is not there.")
_STATE_NAME: dict[str, PropertySpec] = {
    "name": text(default="default"),
    "namespace": switch(False, "Share between the flows of the namespace."),
    "taskrunValue": switch(True, "One state per value of a loop."),
}
_SIZES: dict[str, PropertySpec] = {
    "rows": number(),
    "partitions": number(),
    "bytes": text(),
    "regexPattern": text(),
    "separator": text(default="\n"),
}
_KV_TYPES = ("STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON")
_PAIR: dict[str, PropertySpec] = {
    "key": _KEY,
    "value": anything("The value.", required=True),
    "namespace": text(default="{{ flow.namespace }}"),
    "overwrite": switch(True),
    "ttl": duration("Time to live."),
    "kvType": option(*_KV_TYPES),
    "kvDescription": text(),
}

_PUT: dict[str, PropertySpec] = {
    name: replace(spec, dialects=ANNOUNCED) if name in ("overwrite", "ttl", "kvType", "kvDescription") else spec
    for name, spec in _PAIR.items()
}

TYPES: tuple[TypeSpec, ...] = (
    task(_KV + "Set", "Write a key-value pair.", _PAIR),
    task(_KV + "Put", "Change a part of a key-value pair.", {**_PUT, "errorOnMissing": _MISSING}),
    task(
        _KV + "Get",
        "Read a key-value pair.",
        {"key": _KEY, "namespace": text(default="{{ flow.namespace }}"), "errorOnMissing": _MISSING},
        {"value": data("The value.")},
    ),
    task(
        _KV + "Delete",
        "Remove a key-value pair.",
        {"key": _KEY, "namespace": text(default="{{ flow.namespace }}"), "errorOnMissing": _MISSING},
        {"deleted": flag()},
    ),
    task(
        _KV + "GetKeys",
        "List keys.",
        {"prefix": text(), "namespace": text(default="{{ flow.namespace }}")},
        {"keys": sequence()},
    ),
    task(
        _KV + "PurgeKV",
        "Remove key-value pairs.",
        {
            "namespaces": items(),
            "namespacePattern": text(),
            "keyPattern": text(),
            "includeChildNamespaces": switch(True),
            "expiredOnly": switch(True, dialects=ONLY_1),
            "behavior": anything(),
        },
        {"size": count()},
    ),
    task(
        _STATE + "Set",
        "Write a state of the flow.",
        {**_STATE_NAME, "data": table()},
        {"count": count(), "key": literal()},
        dialects=ONLY_1,
        deprecated=_KV + "Set",
    ),
    task(
        _STATE + "Get",
        "Read a state of the flow.",
        {**_STATE_NAME, "errorOnMissing": _MISSING},
        {"count": count(), "data": mapping(), "key": literal()},
        dialects=ONLY_1,
        deprecated=_KV + "Get",
    ),
    task(
        _STATE + "Delete",
        "Remove a state of the flow.",
        {**_STATE_NAME, "errorOnMissing": _MISSING},
        {"deleted": flag(), "key": literal()},
        dialects=ONLY_1,
        deprecated=_KV + "Delete",
    ),
    task(
        _STORAGE + "Concat",
        "Join files.",
        {
            "files": anything("A list of addresses.", required=True),
            "separator": text(),
            "extension": text(default=".tmp"),
        },
        {"uri": literal()},
    ),
    task(_STORAGE + "Split", "Cut a file.", {"from": text(required=True), **_SIZES}, {"uris": sequence()}),
    task(_STORAGE + "Size", "Size of a file.", {"uri": text(required=True)}, {"size": count()}),
    task(
        _STORAGE + "Delete",
        "Remove a file.",
        {"uri": text(required=True), "errorOnMissing": _MISSING},
        {"uri": literal(), "deleted": flag()},
    ),
    task(
        _STORAGE + "Reverse",
        "Lines in the opposite order.",
        {"from": text(required=True), "separator": text(default="\n"), "charset": text(default="UTF-8")},
        {"uri": literal()},
    ),
    task(
        _STORAGE + "FilterItems",
        "Keep or drop items.",
        {
            "from": text(required=True),
            "filterCondition": line("Over one item's fields.", required=True),
            "filterType": option("INCLUDE", "EXCLUDE", default="INCLUDE"),
            "errorOrNullBehavior": option("FAIL", "INCLUDE", "EXCLUDE", default="FAIL"),
        },
        {"uri": literal(), "processedItemsTotal": count(), "droppedItemsTotal": count()},
    ),
    task(
        _STORAGE + "DeduplicateItems",
        "The last item per key.",
        {"from": text(required=True), "expr": line("The key.", required=True)},
        {"uri": literal(), "numKeys": count(), "processedItemsTotal": count(), "droppedItemsTotal": count()},
    ),
    task(
        _STORAGE + "LocalFiles",
        "Write and keep files (now `inputFiles` and `outputFiles`).",
        {"inputs": anything(), "outputs": items()},
        {"uris": mapping()},
        dialects=ONLY_1,
        deprecated="`inputFiles` and `outputFiles`",
    ),
    task(
        _STORAGE + "PurgeCurrentExecutionFiles",
        "Remove the files of this execution.",
        {},
        {"uris": sequence()},
        aliases=(_STORAGE + "PurgeExecution", "io.kestra.core.tasks.storages.PurgeExecution"),
    ),
    task(
        _STORAGE + "Write",
        "Write text to a file.",
        {"content": text(required=True), "extension": text()},
        {"uri": literal()},
    ),
    task(
        _NS + "UploadFiles",
        "Write files of a namespace.",
        {
            "namespace": text(required=True),
            "files": anything("Paths or patterns."),
            "filesMap": anything("Path to address or text."),
            "destination": text(default="/"),
            "conflict": option("OVERWRITE", "ERROR", "SKIP", default="OVERWRITE"),
        },
        {"files": mapping()},
    ),
    task(
        _NS + "DownloadFiles",
        "Read files of a namespace.",
        {"namespace": text(required=True), "files": anything("Patterns.", required=True), "destination": text()},
        {"files": mapping()},
    ),
    task(
        _NS + "DeleteFiles",
        "Remove files of a namespace.",
        {
            "namespace": text(required=True),
            "files": anything("Patterns.", required=True),
            "deleteParentFolder": switch(False),
        },
        {"files": count()},
    ),
    task(
        _NS + "PurgeFiles",
        "Remove versions of namespace files.",
        {
            "namespaces": items(),
            "namespacePattern": text(),
            "filePattern": text(),
            "includeChildNamespaces": switch(True),
            "behavior": anything("`type: version` with `keepAmount` or `before`."),
        },
        {"size": count()},
    ),
)
