"""A flow revision compiled for running: a tree of nodes with everything about it that never changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from flowctl.engine.executor.deciding.retrying import RetryPolicy, policy_of
from flowctl.language.flags import is_off, is_on

FLOW = "io.kestra.plugin.core.flow."
SHAPES: Mapping[str, str] = {
    "Sequential": "sequential",
    "AllowFailure": "sequential",
    "Parallel": "parallel",
    "Dag": "dag",
    "If": "if",
    "Switch": "switch",
    "Loop": "loop",
    "ForEach": "each",
    "EachSequential": "each",
    "EachParallel": "each",
    "ForEachItem": "items",
    "LoopUntil": "until",
    "WaitFor": "until",
    "Subflow": "subflow",
    "Pause": "pause",
    "Approval": "approval",
    "WorkingDirectory": "directory",
    "Sleep": "sleep",
}
"""Types that the executor itself carries out, by the last part of their name below `io.kestra.plugin.core.flow.`."""

_SECRET = re.compile(r"\bsecret\s*\(")
INNER = ("tasks", "then", "else", "defaults", "onWait", "onApprove", "onDeny", "errors", "finally")


@dataclass(frozen=True, slots=True)
class Node:
    """One task. `shape` says who carries it out: a name of `SHAPES`, or `task` for a plugin's."""

    id: str
    type: str
    shape: str
    properties: Mapping[str, object]
    lists: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    cases: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retry: RetryPolicy | None = None
    allow_failure: bool = False
    allow_warning: bool = False
    inside: str | None = None
    old_name: bool = False

    @property
    def tasks(self) -> tuple[Node, ...]:
        """The children in the property `tasks`."""
        return self.lists.get("tasks", ())

    def text(self, name: str) -> str | None:
        """A property as text; None when it is absent or null."""
        value = self.properties.get(name)
        return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Definition:
    """One flow revision. `value` is the normalised flow as plain data; `secret`: its executions are kept sealed."""

    namespace: str
    id: str
    revision: int
    value: Mapping[str, object]
    tasks: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]
    after: tuple[Node, ...]
    nodes: Mapping[str, Node]
    listeners: tuple[tuple[Node, ...], ...] = ()
    not_runnable: tuple[str, ...] = ()
    secret: bool = False

    def section(self, name: str) -> list[Mapping[str, object]]:
        """A list of maps of the flow, such as `inputs` or `sla`; empty when absent."""
        value = self.value.get(name)
        return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def compile_flow(
    value: Mapping[str, object], revision: int, runnable: Callable[[str], bool], old_names: Collection[str] = ()
) -> Definition:
    """The definition of a normalised flow. `runnable` says whether a plugin's task type can be run; `old_names` are
    ids of tasks whose type was written in a spelling that behaves in its own way (`WaitFor`)."""
    compiler = _Compiler(policy_of(value.get("retry")), runnable, old_names)
    lists = {name: compiler.listing(value.get(name), None) for name in ("tasks", "errors", "finally", "afterExecution")}
    return Definition(
        namespace=str(value["namespace"]),
        id=str(value["id"]),
        revision=revision,
        value=value,
        tasks=lists["tasks"],
        errors=lists["errors"],
        finally_=lists["finally"],
        after=lists["afterExecution"],
        nodes=compiler.nodes,
        listeners=tuple(compiler.listing(item.get("tasks"), None) for item in _maps(value.get("listeners"))),
        not_runnable=tuple(dict.fromkeys(compiler.refused)),
        secret=has_secrets(value),
    )


class _Compiler:
    def __init__(
        self, flow_retry: RetryPolicy | None, runnable: Callable[[str], bool], old_names: Collection[str]
    ) -> None:
        # only what a task or a group says for itself makes a retried task a WARNING (seen on a real 2.0)
        self.flow_retry = flow_retry and replace(flow_retry, warning_on_retry=False)
        self.runnable, self.old_names = runnable, old_names
        self.nodes: dict[str, Node] = {}
        self.refused: list[str] = []

    def listing(self, items: object, inherited: RetryPolicy | None, inside: str | None = None) -> tuple[Node, ...]:
        """The enabled tasks of a list."""
        if not isinstance(items, list):
            return ()
        wanted = [item for item in items if isinstance(item, dict)]
        return tuple(self.node(item, inherited, inside) for item in wanted if not is_on(item.get("disabled")))

    def node(self, item: Mapping[str, object], inherited: RetryPolicy | None, inside: str | None) -> Node:
        kind = str(item.get("type"))
        shape = SHAPES.get(kind.removeprefix(FLOW), "task") if kind.startswith(FLOW) else "task"
        if shape == "task" and not self.runnable(kind):
            self.refused.append(kind)
        own = policy_of(item.get("retry"))
        group = shape not in ("task", "subflow", "sleep")
        below = (own or inherited) if group else None
        name = kind.removeprefix(FLOW)
        id_ = plain_id(item.get("id"))
        allow_failure = is_on(item.get("allowFailure")) or name == "AllowFailure"
        node = Node(
            id=id_,
            type=kind,
            shape=shape,
            properties=item,
            lists=self.inner(item, below, id_) if group else {},
            cases=self.cases(item, below) if shape == "switch" else {},
            depends=dict(_depends(item)) if shape == "dag" else {},
            retry=None if group else own or (None if allow_failure else inherited or self.flow_retry),
            allow_failure=allow_failure,
            allow_warning=is_on(item.get("allowWarning")) and name != "AllowFailure",
            inside=inside,
            old_name=id_ in self.old_names,
        )
        self.nodes[node.id] = node
        return node

    def inner(self, item: Mapping[str, object], below: RetryPolicy | None, own: str) -> dict[str, tuple[Node, ...]]:
        directory = own if str(item.get("type")) == FLOW + "WorkingDirectory" else None
        found: dict[str, tuple[Node, ...]] = {}
        for name in INNER:
            if isinstance(item.get(name), list):
                found[name] = self.listing(_members(item[name]), below, directory)
        if str(item.get("type")) == FLOW + "ForEachItem":
            found["tasks"] = self.batch_steps(item, own)
        if isinstance(item.get("onPause"), dict):
            found["onPause"] = self.listing([item["onPause"]], below)
        return found

    def batch_steps(self, item: Mapping[str, object], own: str) -> tuple[Node, ...]:
        """The three runs into which a ForEachItem expands."""
        plain = {name: value for name, value in item.items() if name not in ("runIf", "timeout", "errors")}
        steps = []
        for part in ("split", "items", "merge"):
            node = Node(f"{own}_{part}", str(item.get("type")), f"items_{part}", plain)
            self.nodes[node.id] = node
            steps.append(node)
        return tuple(steps)

    def cases(self, item: Mapping[str, object], below: RetryPolicy | None) -> dict[str, tuple[Node, ...]]:
        cases = item.get("cases")
        if not isinstance(cases, dict):
            return {}
        return {str(key): self.listing(tasks, below) for key, tasks in cases.items()}


def has_secrets(value: object) -> bool:
    """Whether a flow declares something secret anywhere: an input or output of type SECRET, an encrypted body, or the
    use of a stored secret."""
    if isinstance(value, Mapping):
        declared = "SECRET" in (value.get("type"), value.get("itemType"))
        encrypts = "encryptBody" in value and not is_off(value["encryptBody"])
        return declared or encrypts or any(map(has_secrets, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_secrets, value))
    return isinstance(value, str) and _SECRET.search(value) is not None


def plain_id(value: object) -> str:
    """An id as text; `on` and `off` of YAML are `true` and `false`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _members(items: object) -> list[object]:
    """The tasks of a list; a Dag's members are wrapped in `task`."""
    assert isinstance(items, list)
    return [item["task"] if isinstance(item, dict) and isinstance(item.get("task"), dict) else item for item in items]


def _depends(item: Mapping[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each enabled member of a Dag waits for; a disabled dependency counts as satisfied."""
    members = [m for m in _list(item.get("tasks")) if isinstance(m, dict) and isinstance(m.get("task"), dict)]
    off = {str(m["task"].get("id")) for m in members if is_on(m["task"].get("disabled"))}
    for member in members:
        wanted = [str(name) for name in _list(member.get("dependsOn")) if name is not None]
        names = tuple(name for name in wanted if name not in off)
        yield str(member["task"].get("id")), names


def _maps(value: object) -> list[dict[str, object]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
