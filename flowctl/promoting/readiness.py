"""Whether the target has what the promoted flows use; what cannot be seen is called so, never passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.live import LiveState
from flowctl.model.project import Project
from flowctl.model.promotion import Need, NeedKind, PromotedFile, PromotedFlow
from flowctl.promoting.uses import Uses

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """The target as it will be found: its files, what is live, and what its server tells.

    `refused` are types that its server does not take. `secrets` are the names seen in a namespace. `flows` and
    `values` say for objects outside the environment whether they are there. None, or no entry: not to be seen.
    """

    project: Project
    live: LiveState
    source: Project
    refused: frozenset[str] | None = None
    secrets: Mapping[str, Names] | None = None
    flows: Mapping[FlowKey, bool] = field(default_factory=dict)
    values: Mapping[KvKey, bool] = field(default_factory=dict)

    @property
    def environment(self) -> Environment:
        """The target's environment."""
        return self.project.environment


def needs(
    flows: Iterable[PromotedFlow],
    files: Iterable[PromotedFile],
    uses: Mapping[FlowKey, Uses],
    facts: TargetFacts,
) -> tuple[Need, ...]:
    """Everything that is missing or cannot be seen, each once, for the first flow that uses it."""
    going = [flow for flow in flows if flow.goes]
    arriving = {flow.target for flow in going}
    carried = {file.target for file in files}
    found = dict[tuple[str, str], Need]()
    for flow in going:
        used = uses.get(flow.target, Uses())
        for need in (
            *_plugins(flow, used, facts),
            *_secrets(flow, used, facts),
            *_values(flow, used, facts),
            *_files(flow, used, facts, carried),
            *_subflows(flow, facts, arriving),
            *_computed(flow, used),
        ):
            found.setdefault((need.kind, need.name), need)
    return tuple(found.values())


def _plugins(flow: PromotedFlow, used: Uses, facts: TargetFacts) -> Iterator[Need]:
    for name in sorted(used.types):
        if facts.refused is None:
            yield _hidden("plugin", name, flow, "see the list of plugins of the target's server")
        elif name in facts.refused:
            command = f"install the plugin that has {name} on the server of {facts.environment.name}, and restart it"
            yield Need("plugin", name, "missing", flow.target, command)


def _secrets(flow: PromotedFlow, used: Uses, facts: TargetFacts) -> Iterator[Need]:
    for stated, name in sorted(used.secrets, key=str):
        namespace = stated or flow.target.namespace
        command = _secret_command(namespace, name, facts.environment)
        seen = facts.secrets.get(namespace) if facts.secrets is not None else None
        if seen is None:
            yield _hidden("secret", f"{namespace}:{name}", flow, f"check it there; where it lacks: {command}")
        elif name.upper() not in {one.upper() for one in seen}:
            yield Need("secret", f"{namespace}:{name}", "missing", flow.target, command)


def _secret_command(namespace: str, name: str, environment: Environment) -> str:
    if environment.bundled:
        return f"flowctl secrets set {name} -n {namespace} -e {environment.name}"
    return f"set SECRET_{name.upper()} (base64) in the environment of the server, or store the secret in its backend"


def _values(flow: PromotedFlow, used: Uses, facts: TargetFacts) -> Iterator[Need]:
    for stated, name in sorted(used.values, key=str):
        key = KvKey(stated or flow.target.namespace, name)
        if facts.environment.owns_namespace(key.namespace):
            yield from _own_value(key, flow, facts)
        elif key not in facts.values:
            yield _hidden("kv", str(key), flow, f"check that the target's server has it in {key.namespace}")
        elif not facts.values[key]:
            command = f"set the key {name} of the namespace {key.namespace} on the server"
            yield Need("kv", str(key), "missing", flow.target, command)


def _own_value(key: KvKey, flow: PromotedFlow, facts: TargetFacts) -> Iterator[Need]:
    """The schema of a key-value goes along, its value does not: the target has to say its own, of the same type."""
    wanted, there = _type_in_source(key, facts), _type_in_target(key, facts)
    name, file = key.key, _kv_file(key, facts)
    if there is None:
        kind = f" (a {wanted} in {facts.source.environment.name})" if wanted else ""
        yield Need("kv", str(key), "missing", flow.target, f"add `{name}: VALUE`{kind} to {file}")
    elif wanted is not None and wanted != there:
        command = f"make `{name}` a {wanted} in {file}: it is a {there}"
        yield Need("kv", f"{key} as {wanted}", "missing", flow.target, command)


def _type_in_target(key: KvKey, facts: TargetFacts) -> str | None:
    """The type of a key-value that the flow will find, in its namespace or one above it."""
    namespace = key.namespace
    while True:
        one = KvKey(namespace, key.key)
        desired, live = facts.project.kv.get(one), facts.live.kv.get(one)
        if desired is not None or live is not None:
            return desired.type if desired is not None else live.type if live is not None else None
        if "." not in namespace:
            return None
        namespace = namespace.rpartition(".")[0]


def _type_in_source(key: KvKey, facts: TargetFacts) -> str | None:
    root, target = facts.source.environment.namespace, facts.environment.namespace
    wanted = facts.source.kv.get(KvKey(root + key.namespace[len(target) :], key.key))
    return wanted.type if wanted is not None else None


def _kv_file(key: KvKey, facts: TargetFacts) -> str:
    environment = facts.environment
    below = key.namespace[len(environment.namespace) :].replace(".", "/")
    layer = environment.layers[-1].relative_to(environment.path.parent.parent).as_posix()
    return f"{layer}{below}/_kv.yaml"


def _files(flow: PromotedFlow, used: Uses, facts: TargetFacts, carried: set[FileKey]) -> Iterator[Need]:
    for path in sorted(used.files):
        key = FileKey(flow.target.namespace, path)
        if key not in carried and key not in facts.project.files and key not in facts.live.files:
            command = f"add the file {path} to `_files` of {flow.target.namespace}"
            yield Need("file", str(key), "missing", flow.target, command)


def _subflows(flow: PromotedFlow, facts: TargetFacts, arriving: set[FlowKey]) -> Iterator[Need]:
    for one in flow.references:
        key = FlowKey(one.namespace, one.flow_id)
        if one.dynamic:
            yield _hidden("subflow", f"{one.namespace}/{one.flow_id}", flow, f"{one.place} computes the name")
        elif key in arriving or key in facts.project.flows or key in facts.live.flows or facts.flows.get(key):
            continue
        elif key in facts.flows or facts.environment.owns_namespace(key.namespace):
            command = f"deploy {key} to the server of {facts.environment.name} first"
            yield Need("subflow", str(key), "missing", flow.target, command)
        else:
            yield _hidden("subflow", str(key), flow, "check that the target's server has it")


def _computed(flow: PromotedFlow, used: Uses) -> Iterator[Need]:
    kinds: dict[str, NeedKind] = {"secret": "secret", "kv": "kv"}
    for kind, name in sorted(used.computed):
        yield _hidden(kinds[kind], name.strip(), flow, "its name is computed when the flow runs")


def _hidden(kind: NeedKind, name: str, flow: PromotedFlow, command: str) -> Need:
    return Need(kind, name, "not checkable", flow.target, command)
