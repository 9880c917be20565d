"""`taskCache`: a task run takes the outputs of an earlier run whose rendered properties were the same.

What is kept lies in the storage, one file for each set of properties, below the task's own folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flowctl.engine.executor.records.states import SUCCESS
from flowctl.engine.executor.records.storage import SCHEME, NoSuchFile, Storage, cache_folder
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.executor.tasks.outcomes import Outcome
from flowctl.engine.executor.tasks.running import json_bytes
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.protocol import Place
from flowctl.engine.secrets.boxes import Box
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.flags import is_on

MOST_ENTRIES = 1000
"""Results that are kept of one task; the oldest go first."""
BESIDE_THE_WORK = frozenset(
    {"taskCache", "description", "disabled", "runIf", "retry", "timeout", "allowFailure", "allowWarning", "logLevel"}
    | {"logToFile", "workerGroup", "workerSelector", "assets", "pluginDefaultsRef", "policyRefs"}
)
"""Properties that say when and how a task is run, not what it does."""
ANYWHERE = {"workingDir": "", "outputDir": ""}
"""Directories that differ between any two runs and say nothing about the work."""
Log = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class TaskCache:
    """The kept outputs for one set of properties. `ttl` in microseconds, None: for ever; `box` seals those of an
    execution that is sealed."""

    storage: Storage
    folder: str
    name: str
    ttl: int | None
    clock: Callable[[], int]
    box: Box | None = None

    def earlier(self) -> tuple[int, dict[str, object]] | None:
        """When the outputs were kept, in microseconds since 1970, and what they are; None when there are none that are
        young enough and whose files are all there still."""
        try:
            data = self.storage.existing_in(self.folder, self.name).read_bytes()
            entry = json.loads(data if self.box is None else self.box.open(self.name, data))
            kept, outputs = int(entry["at"]), dict(entry["outputs"])
        except (NoSuchFile, ValueError, KeyError, TypeError):
            return None
        if self.ttl is not None and self.clock() - kept >= self.ttl:
            return None
        return (kept, outputs) if all(self._there(uri) for uri in _addresses(outputs)) else None

    def _there(self, uri: str) -> bool:
        try:
            return self.storage.path(uri).is_file()
        except NoSuchFile:
            return False

    def keep(self, outputs: Mapping[str, object]) -> None:
        """Keep outputs in the place of what was there.

        Raises:
            OSError: they cannot be written.
        """
        data = json_bytes({"at": self.clock(), "outputs": outputs})
        self.storage.put(self.folder, self.name, data if self.box is None else self.box.seal(self.name, data))
        self.storage.trim(self.folder, MOST_ENTRIES)


def cached(call: Callable[[], Outcome], cache: TaskCache | None, log: Log) -> Outcome:
    """The outcome of an earlier run, or of `call`, which is kept when it is a success that did nothing but yield
    outputs."""
    if cache is None:
        return call()
    found = cache.earlier()
    if found is not None:
        log("INFO", f"the task is not run: its outputs of {iso_time(found[0])} are taken")
        return Outcome(outputs=found[1])
    outcome = call()
    if outcome.to_json() == Outcome(SUCCESS, outcome.outputs).to_json():
        try:
            cache.keep(outcome.outputs)
        except OSError as error:
            log("WARN", f"the outputs are not kept for a later run: {error}")
    return outcome


def wants_cache(properties: Mapping[str, object]) -> bool:
    """Whether a task asks for earlier outputs."""
    wish = properties.get("taskCache")
    return isinstance(wish, dict) and is_on(wish.get("enabled"))


def cache_of(
    storage: Storage,
    clock: Callable[[], int],
    place: Place,
    properties: Properties,
    log: Log,
    box: Callable[[], Box] | None = None,
) -> TaskCache | None:
    """Where the outputs of a task are kept; None when it does not ask for that, or when it cannot be said what it will
    do: a property with variables that only the task itself knows. `box` makes what seals them, if they are secret.

    Raises:
        BadProperty: `ttl` is no duration.
    """
    wish = properties.raw("taskCache")
    if not isinstance(wish, dict) or not wants_cache({"taskCache": wish}):
        return None
    ttl = properties.nested("taskCache").duration("ttl")
    sealing = box() if box is not None else None
    try:
        name = _key(place, properties, sealing)
    except (ExpressionError, BadProperty) as error:
        log("WARN", f"`taskCache` has no effect on this run, because a property cannot be rendered before it: {error}")
        return None
    folder = cache_folder(place.namespace, place.flow_id, place.task_id)
    return TaskCache(storage, folder, f"{name}.outputs.json", ttl, clock, sealing)


def _key(place: Place, properties: Properties, box: Box | None) -> str:
    """The digest of everything that makes two runs of a task the same."""
    rendered = properties.extended(ANYWHERE).rendered_without(BESIDE_THE_WORK)
    data = json_bytes([place.task_id, place.value, sorted(rendered.items())])
    return hashlib.sha256(data).hexdigest() if box is None else box.name(data)


def _addresses(value: object) -> Iterator[str]:
    """All addresses of the storage among outputs."""
    if isinstance(value, str):
        if value.startswith(SCHEME + "/"):
            yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _addresses(item)
