"""The files of a new workspace, as text."""

from __future__ import annotations

from collections.abc import Mapping

ENVIRONMENT = """\
# The environment `{name}`: where its flows live, and what flowctl may touch there.
server: {server}
{auth}
# Flows of {flows} become flows of this namespace; sub-directories become namespaces below it.
namespace: {name}
flows: {flows}
"""

TOKEN = """\
# The name of the variable that holds the token; the token itself never stands in a file.
auth:
  token_env: FLOWCTL_TOKEN
"""

FLOW = """\
# Deploy it:  flowctl apply {name}
# Run it:     flowctl run {name}/hello -e {name} -i name=World --follow
id: hello

inputs:
  - id: name
    type: STRING
    defaults: World

tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: Hello, {{{{ inputs.name }}}}!
"""

IGNORED = ".flowctl/"


def new_files(name: str, server: str) -> Mapping[str, str]:
    """Path (relative to the workspace) to text, for a workspace with one environment and one flow."""
    auth = "" if server == "bundled" else TOKEN
    flows = f"flows/{name}"
    return {
        f"environments/{name}.yaml": ENVIRONMENT.format(name=name, server=server, auth=auth, flows=flows),
        f"{flows}/hello.yaml": FLOW.format(name=name),
    }
