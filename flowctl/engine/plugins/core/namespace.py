"""Tasks over namespace files: upload, download, delete and purge them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.core.purging import versions_of, wanted_names
from flowctl.engine.plugins.filenames import stored_name
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import RunContext, Task, TaskFailure
from flowctl.engine.plugins.scripts.globs import matches

_PREFIX = "io.kestra.plugin.core.namespace."
CONFLICTS = ("OVERWRITE", "ERROR", "SKIP")


class UploadFiles(BuiltIn):
    """Writes files of the execution, or texts, into a namespace."""

    name = _PREFIX + "UploadFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> None:
        """Nothing comes back (as seen on servers)."""
        namespace = properties.text("namespace") or context.place.namespace
        top = "/" + (properties.text("destination") or "/").strip("/")
        conflict = properties.choice("conflict", CONFLICTS, "OVERWRITE")
        present = set(context.namespace_files.listing(namespace))
        for name, data in self._files(context, properties):
            path = (top.rstrip("/") + "/" + name.lstrip("/")).replace("//", "/")
            if path in present and conflict == "ERROR":
                raise TaskFailure(f"{path} already exists in namespace {namespace}")
            if path not in present or conflict == "OVERWRITE":
                context.namespace_files.write(namespace, path, data)

    def _files(self, context: RunContext, properties: Properties) -> list[tuple[str, bytes]]:
        found = []
        for name, value in properties.mapping("filesMap").items():
            text = str(value)
            data = context.files.read(text) if re.match(r"(kestra|nsfile)://", text) else text.encode()
            found.append((name, data))
        patterns = properties.texts("files")
        if patterns:
            directory = context.directory
            for path in sorted(directory.rglob("*")):
                inner = path.relative_to(directory).as_posix()
                if path.is_file() and any(matches(pattern, inner) for pattern in patterns):
                    found.append((inner, path.read_bytes()))
        return found


def _chosen(context: RunContext, namespace: str, properties: Properties) -> list[str]:
    """The files of a namespace that `files` names: a list of patterns, or one (seen on a real 2.0)."""
    raw = properties.raw("files")
    text = properties.rendered_text(raw) if isinstance(raw, str) else "["
    patterns = properties.texts("files") if text.lstrip()[:1] in ("[", "{", "") else [text]
    listing = context.namespace_files.listing(namespace)
    return [path for path in listing if any(matches(pattern, path.lstrip("/")) for pattern in patterns)]


class DownloadFiles(BuiltIn):
    """Copies namespace files to the execution's storage."""

    name = _PREFIX + "DownloadFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`files`: path to address; a `destination` is no part of the path (seen on a real 2.0)."""
        namespace = properties.text("namespace") or context.place.namespace
        found: dict[str, object] = {}
        for path in _chosen(context, namespace, properties):
            found[path] = context.files.put(stored_name(path), context.namespace_files.read(namespace, path))
        return {"files": found}


class DeleteFiles(BuiltIn):
    """Removes namespace files."""

    name = _PREFIX + "DeleteFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> None:
        """Nothing comes back (as seen on servers)."""
        namespace = properties.text("namespace") or context.place.namespace
        for path in _chosen(context, namespace, properties):
            context.namespace_files.delete(namespace, path)


class PurgeFiles(BuiltIn):
    """Removes versions of namespace files, all but the newest unless told otherwise."""

    name = _PREFIX + "PurgeFiles"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`size`: how many versions. `keepAmount: 0` leaves no file."""
        properties.nested("behavior").choice("type", ("version",), "version")
        wanted, versions = wanted_names(properties, "filePattern"), versions_of(properties)
        return {"size": context.namespace_files.purge(wanted, keep=versions.keep, before=versions.before)}


TASKS: list[Task] = [UploadFiles(), DownloadFiles(), DeleteFiles(), PurgeFiles()]
