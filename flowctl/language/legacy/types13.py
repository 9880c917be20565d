"""Types that a server of 1.3 calls deprecated when a flow is validated, with what its documents say instead.

Seen on a real 1.3.19. Other types that are gone in 2.0 (ForEach, ForEachItem) pass there without a word.
"""

from __future__ import annotations

_CORE = "io.kestra.plugin.core."
_INSTEAD = {
    "a task of the plugin `kestra`": ("execution.Count", "execution.Resume", "log.Fetch", "trigger.Toggle"),
    f"{_CORE}flow.ForEach": ("flow.EachSequential", "flow.EachParallel"),
    f"{_CORE}log.Log": ("debug.Echo",),
    f"{_CORE}kv.Set": ("state.Set",),
    f"{_CORE}kv.Get": ("state.Get",),
    f"{_CORE}kv.Delete": ("state.Delete",),
    "`inputFiles` and `outputFiles`": ("storage.LocalFiles",),
    "`preconditions`": ("condition.FlowCondition", "condition.FlowNamespaceCondition", "condition.MultipleCondition"),
}
OLD_IN_1_3 = {_CORE + name: instead for instead, names in _INSTEAD.items() for name in names}
