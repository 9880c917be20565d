"""Every call of kestrapy either is made by these tests, or belongs to what the bundled server does not have."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ApiException

from tests.clients.talking import MAIN

SERVED = (
    "flows",
    "executions",
    "kv",
    "files",
    "namespaces",
    "triggers",
    "logs",
    "metrics",
    "outputs",
    "plugins",
    "dashboards",
)
ENTERPRISE: dict[str, set[str]] = {
    "flows": {
        "flow_hashes_by_ids",
        "list_promotions",
        "preview_policies",
        "promote",
        "promote_by_ids",
        "promote_diff",
        "report_promote",
    },
    "namespaces": {
        "create_namespace",
        "create_namespace_credential",
        "delete_namespace",
        "delete_namespace_credential",
        "get_inherited_credentials",
        "inherited_variables",
        "list_namespace_credentials",
        "namespace_credential",
        "test_namespace_connection",
        "update_namespace",
        "update_namespace_credential",
    },
}
"""Of the edition that is paid for."""
NOT_YET: dict[str, set[str]] = {
    "plugins": {
        "detect_missing_plugins",
        "install_plugins",
        "plugin_install_job",
        "plugin_ui",
        "plugin_ui_manifest",
    },
}
"""What concerns plugins that can be installed: there are none."""
METHODS = [
    (area, name)
    for area in SERVED
    for name, method in sorted(vars(type(getattr(KestraClient(host="http://localhost", token="x"), area))).items())
    if inspect.isfunction(method) and not name.startswith("_")
]


def test_every_method_is_called_or_named_here() -> None:
    others = (path for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))
    text = "".join(path.read_text("utf-8") for path in others)
    words = set(re.findall(r"\w+", text))
    spelt = {name for name in words for name in (name, f"{name}_by_ids", f"{name}_by_query")}
    spelt |= {f"trigger_execution_by_{verb}_webhook_with_path" for verb in ("get", "post", "put")}
    for area, name in METHODS:
        apart = any(name in group.get(area, ()) for group in (ENTERPRISE, NOT_YET))
        assert apart != (name in spelt), f"{area}.{name}"


ABSENT = [(area, name) for group in (ENTERPRISE, NOT_YET) for area in group for name in sorted(group[area])]


@pytest.mark.parametrize(("area", "name"), ABSENT)
def test_what_is_not_there_says_so(client: KestraClient, area: str, name: str) -> None:
    method = getattr(getattr(client, area), name)
    asked = [
        parameter for parameter in inspect.signature(method).parameters.values() if parameter.default is parameter.empty
    ]
    values = [MAIN if parameter.name == "tenant" else {} if "body" in parameter.name else "x" for parameter in asked]
    with pytest.raises(ApiException) as refused:
        method(*values)
    assert refused.value.status in (404, 405)
    assert "message" in refused.value.body
