"""Files in and out of a working directory."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from flowctl.engine.plugins.filenames import stored_name
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import RunContext
from flowctl.engine.plugins.scripts.globs import matches

ADDRESS = re.compile(r"(kestra|nsfile|file)://\S+\Z")
MOST_FILES = 10_000
OURS = ".flowctl-"
"""How names begin of what the server itself writes into a working directory."""
OUTPUTS = f"{OURS}outputs"


def inside(directory: Path, name: str) -> Path:
    """A path below the directory.

    Raises:
        BadProperty: the name leads outside.
    """
    path = Path(name.lstrip("/"))
    if not path.parts or ".." in path.parts or "\0" in name:
        raise BadProperty(f"the file name {name!r} leads outside of the working directory")
    return directory / path


def output_directory(properties: Properties, directory: Path) -> Path:
    """Where `{{ outputDir }}` points: one of its own under the old `outputDirectory`, else the working directory."""
    return directory / OUTPUTS if properties.flag("outputDirectory", False) else directory


def prepare(context: RunContext, properties: Properties, directory: Path) -> None:
    """Write namespace files, then input files, into the directory.

    Raises:
        BadProperty: `inputFiles` is no map, or a file cannot be written.
    """
    output_directory(properties, directory).mkdir(exist_ok=True)
    write_namespace_files(context, properties, directory)
    raw = properties.raw("inputFiles")
    if isinstance(raw, str):
        text = properties.rendered_text(raw)
        try:
            files = json.loads(text or "{}")
        except ValueError:
            raise BadProperty(f"`inputFiles` does not render to JSON: {text[:200]!r}") from None
        if not isinstance(files, dict):
            raise BadProperty("`inputFiles` does not render to a map")
    else:
        files = properties.mapping("inputFiles")
    write_inputs(context, files, directory)


def write_inputs(context: RunContext, files: Mapping[str, object], directory: Path) -> None:
    """Write each file: the bytes of an address, or the text as it stands.

    Raises:
        BadProperty: a file cannot be written.
    """
    for name, value in files.items():
        path = inside(directory, name)
        text = value if isinstance(value, str) else json.dumps(value)
        data = context.files.read(text) if ADDRESS.match(text) else text.encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise BadProperty(f"`inputFiles`: {name!r} cannot be written: {error.strerror}") from None


def write_namespace_files(context: RunContext, properties: Properties, directory: Path) -> None:
    """Copy the namespace's files that the task asks for."""
    if not isinstance(properties.raw("namespaceFiles"), dict):
        return
    wanted = properties.nested("namespaceFiles")
    if not wanted.flag("enabled", True):
        return
    include, exclude = wanted.texts("include"), wanted.texts("exclude")
    for namespace in wanted.texts("namespaces") or [context.place.namespace]:
        for path in context.namespace_files.listing(namespace):
            if _chosen(path, include, exclude):
                target = inside(directory, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(context.namespace_files.read(namespace, path))


def _chosen(path: str, include: list[str], exclude: list[str]) -> bool:
    name = path.lstrip("/")
    if include and not any(matches(pattern, name) for pattern in include):
        return False
    return not any(matches(pattern, name) for pattern in exclude)


def collect(context: RunContext, properties: Properties, directory: Path) -> dict[str, str]:
    """Keep the files that `outputFiles` names, and all of an `outputDirectory`. Returns path to address."""
    found, own = keep(context, properties.texts("outputFiles"), directory), output_directory(properties, directory)
    return found if own == directory else {**found, **keep(context, ["**"], own)}


def keep(context: RunContext, patterns: list[str], directory: Path) -> dict[str, str]:
    """Store every regular file below the directory that a pattern matches. Links are not followed outside.

    Raises:
        BadProperty: there are too many.
    """
    found: dict[str, str] = {}
    if not patterns:
        return found
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if name.startswith(OURS):
            continue
        if path.is_file() and any(matches(pattern, name) for pattern in patterns) and _within(path, directory):
            if len(found) >= MOST_FILES:
                raise BadProperty(f"`outputFiles` matches more than {MOST_FILES} files")
            found[name] = context.files.put_file(stored_name(name), path)
    return found


def _within(path: Path, directory: Path) -> bool:
    return path.resolve().is_relative_to(directory.resolve())
