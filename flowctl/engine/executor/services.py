"""What running executions need of the rest of the server, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from flowctl.engine.executor.records.flowsource import Flows
from flowctl.engine.executor.records.masking import Masker
from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.observing import Observations
from flowctl.engine.plugins.registry import Registry
from flowctl.engine.plugins.services import KeyValues, NamespaceFiles
from flowctl.engine.secrets.vault import Vault
from flowctl.engine.store import Store
from flowctl.model.environment import Dialect

Resume = Callable[[str, Mapping[str, object]], "Future[None]"]
SecretSource = Callable[[str, str], str | None]
"""(namespace, key) to the secret's value, or None when there is none."""


def _not_running(execution_id: str, inputs: Mapping[str, object]) -> Future[None]:
    raise RuntimeError("the executor is not running")


@dataclass(slots=True)
class Services:
    """Everything outside of the executor that a task or an expression can reach.

    `envs` are the variables that expressions see as `envs`; `clock` gives microseconds since 1970.
    """

    store: Store
    registry: Registry
    flows: Flows
    storage: Storage
    kv: KeyValues
    files: NamespaceFiles
    clock: Callable[[], int]
    work: Path
    secrets: SecretSource = lambda namespace, key: None
    masker: Masker = field(default_factory=Masker)
    dialect: Dialect = "lenient"
    resume: Resume = _not_running
    envs: Mapping[str, str] = field(default_factory=dict)
    seen: Observations = field(default_factory=Observations)
    vault: Vault = field(init=False)
    url: str = ""

    def __post_init__(self) -> None:
        self.vault = Vault(self.store, self.work.parent, self.masker.add)

    @property
    def constants(self) -> dict[str, object]:
        """Variables that are the same for every execution."""
        return {"envs": self.envs, "globals": {}, "kestra": {"url": self.url}}
