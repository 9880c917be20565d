"""Environment files: defaults, every key, and the schema that describes them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from flowctl.errors import ProjectError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.configuration.schema import load_schema
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Auth, Environment, Policy, PromotionPolicy, Tls
from tests.loading.conftest import put

EVERYTHING = """\
server: https://kestra.example.com/base/
tenant: acme
auth: {username_env: U, password_env: P}
flows: [flows/common, flows/prod]
namespace: company
owns: [company, shared.*]
promotes_from: dev
overrides:
  company/daily/triggers[night].cron: "0 3 * * *"
pins:
  company/daily: "3f2a9c1d"
policy:
  max_deletes: 20 %
  protect: [company/main]
  ignore: ["triggers[*].disabled", "company/daily:labels.**"]
  hazards: {H5: block, H7: off}
  promotion: {runs: 3, days: 0.5, max_failures: 0.1, require: [company/*]}
tls: {ca: ca.pem, cert: c.pem, key: k.pem}
timeout: 60
parallelism: 4
"""


def test_defaults_are_filled_in(workspace: Workspace) -> None:
    root = workspace.root
    assert load_environment(workspace, "dev") == Environment(
        name="dev",
        path=root / "environments/dev.yaml",
        server="bundled",
        layers=(root / "flows/dev",),
        namespace="dev",
        owns=("dev",),
    )


def test_every_key_is_read(workspace: Workspace) -> None:
    root = workspace.root
    put(root, {"environments/prod.yaml": EVERYTHING, "ca.pem": "", "c.pem": "", "k.pem": ""})
    put(root, {"flows/common/x.txt": "", "flows/prod/x.txt": ""})
    assert load_environment(workspace, "prod") == Environment(
        name="prod",
        path=root / "environments/prod.yaml",
        server="https://kestra.example.com/base",
        layers=(root / "flows/common", root / "flows/prod"),
        namespace="company",
        owns=("company", "shared.*"),
        tenant="acme",
        auth=Auth(username_env="U", password_env="P"),
        tls=Tls(root / "ca.pem", root / "c.pem", root / "k.pem"),
        policy=Policy(
            max_deletes="20%",
            protect=("company/main",),
            ignore=("triggers[*].disabled", "company/daily:labels.**"),
            hazards={"H5": "block", "H7": "off"},
            promotion=PromotionPolicy(3, 0.5, 0.1, ("company/*",)),
        ),
        promotes_from="dev",
        overrides={"company/daily/triggers[night].cron": "0 3 * * *"},
        pins={"company/daily": "3f2a9c1d"},
        timeout=60.0,
        parallelism=4,
    )


def test_every_key_of_the_example_is_a_key_of_the_schema_and_of_the_documentation() -> None:
    schema = load_schema("environment")
    properties = schema["properties"]
    assert isinstance(properties, dict)
    text = (Path(__file__).parents[3] / "docs" / "environment-file.md").read_text(encoding="utf-8")
    for key, value in properties.items():
        assert f"`{key}`" in text, key
        for inner in value.get("properties", {}):
            assert f"`{inner}`" in text, f"{key}.{inner}"
        assert value["description"]


@pytest.mark.parametrize("name", ["environment", "workspace"])
def test_the_published_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(load_schema(name))
    assert json.dumps(load_schema(name))


@pytest.mark.parametrize(("name", "code"), [("Dev", "F104"), ("a/b", "F104"), ("dv", "F103"), ("", "F104")])
def test_a_name_without_a_file_is_refused(workspace: Workspace, name: str, code: str) -> None:
    with pytest.raises(ProjectError) as caught:
        load_environment(workspace, name)
    (problem,) = caught.value.diagnostics
    assert problem.code == code
    assert code == "F104" or problem.hint.startswith("did you mean `dev`?")


def test_an_integer_key_or_a_boolean_one_is_a_text_key(workspace: Workspace) -> None:
    put(workspace.root, {"environments/dev.yaml": "server: bundled\n1: x\non: y\n"})
    with pytest.raises(ProjectError) as caught:
        load_environment(workspace, "dev")
    assert [problem.code for problem in caught.value.diagnostics] == ["F106", "F106"]


SCRIPT = """
import sys
from pathlib import Path
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.project import load_project
from flowctl.loading.workspace import find_workspace
workspace = find_workspace(Path(sys.argv[1]))
load_project(workspace, load_environment(workspace, "dev"), {})
print(*sorted({"yaml", "jsonschema", "git", "ruamel", "difflib"} & sys.modules.keys()))
"""


def test_a_remembered_workspace_is_loaded_without_heavy_imports(workspace: Workspace) -> None:
    put(workspace.root, {"flows/dev/_kv.yaml": "a: 1\n", "flows/dev/t/_files/x.txt": "x"})
    runs = [
        subprocess.run([sys.executable, "-c", SCRIPT, str(workspace.root)], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert "jsonschema" in runs[0].stdout.split()
    assert runs[1].stdout.strip() == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"two words"', "`auth.token_env` is no sound value, and is not repeated: it may be secret"),
        ("hunter2-very-secret", "`auth.token_env` is no sound value, and is not repeated: it may be secret"),
        ("5", "`auth.token_env` is a number"),
    ],
)
def test_what_may_be_a_credential_is_refused_without_being_repeated(
    workspace: Workspace, written: str, said: str
) -> None:
    text = f"server: https://k.example\nauth: {{token_env: {written}}}\n"
    put(workspace.root, {"environments/prod.yaml": text, "flows/prod/x.txt": ""})
    with pytest.raises(ProjectError) as caught:
        load_environment(workspace, "prod")
    [found] = caught.value.diagnostics
    assert (found.code, found.summary) == ("F110", said)
    assert "hunter2" not in str(found)
