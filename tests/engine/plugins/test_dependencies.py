"""`dependencies` of Python scripts: real environments, packages from a directory."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from pathlib import Path

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.scripts import dependencies
from flowctl.engine.plugins.scripts.dependencies import READY, lasting, settings_of, wanted
from tests.engine.running import Engine, flow, states

PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"


def wheel(directory: Path, name: str, version: str = "1.0") -> None:
    """A package with one module that holds its version."""
    metadata = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{metadata}/METADATA", about)
        archive.writestr(
            f"{metadata}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{metadata}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of packages, and no index."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


def script(packages: list[str], text: str, more: str = "", id_: str = "t") -> str:
    kind = f"  - id: {id_}\n    type: io.kestra.plugin.scripts.python.Script\n    {PROCESS}\n"
    return f"{kind}    dependencies: {json.dumps(packages)}\n{more}    script: {json.dumps(text)}\n"


def environments(running: Engine) -> list[str]:
    return sorted(path.name for path in (running.executor.services.work.parent / "kept" / "python").glob(f"*{READY}"))


def test_a_script_imports_what_it_depends_on(running: Engine, wheels: Path) -> None:
    wheel(wheels, "tiny_one")
    wheel(wheels, "tiny_two", "2.0")
    text = "import tiny_one, tiny_two, sys\nprint(tiny_one.VERSION, tiny_two.VERSION, sys.prefix != sys.base_prefix)"
    first = running.run(flow(script(["tiny_two==2.0", "tiny_one"], text)))
    assert running.messages(first.id) == ["INFO t: 1.0 2.0 True"]
    (wheels / "tiny_one-1.0-py3-none-any.whl").unlink()
    second = running.run(flow(script(["tiny_one", "tiny_two==2.0"], text)))
    assert running.messages(second.id, "DEBUG") == ["INFO t: 1.0 2.0 True"]  # nothing was installed
    assert len(environments(running)) == 1


def test_commands_find_the_programs_of_the_environment(running: Engine, wheels: Path) -> None:
    wheel(wheels, "tiny_one")
    lines = ['python -c "import tiny_one; print(tiny_one.VERSION)"', 'test "$(which pip)" = $VIRTUAL_ENV/bin/pip']
    source = flow(
        f"  - id: t\n    type: io.kestra.plugin.scripts.python.Commands\n    {PROCESS}\n    dependencies: [tiny_one]\n"
        f"    commands: {json.dumps(lines)}\n"
    )
    ended = running.run(source)
    assert (ended.state, running.messages(ended.id)) == ("SUCCESS", ["INFO t: 1.0"])


def test_the_interpreters_own_packages_stay(running: Engine, wheels: Path) -> None:
    wheel(wheels, "tiny_one")
    packages = "import importlib.metadata as m; print(*sorted({d.name for d in m.distributions()}))"
    source = flow(script([], packages, id_="plain") + script(["tiny_one"], packages))
    ended = running.run(source)
    plain, own = (set(line.partition(": ")[2].split()) for line in running.messages(ended.id))
    assert own >= plain | {"tiny_one"}


def test_what_cannot_be_installed_fails_the_task_with_the_words_of_pip(running: Engine, wheels: Path) -> None:
    ended = running.run(flow(script(["no_such_package"], "print(1)")))
    assert states(ended) == {"t": "FAILED"}
    (message,) = running.messages(ended.id)
    assert message.startswith("ERROR t: `dependencies` cannot be installed (no_such_package): exit code 1\n")
    assert "No matching distribution found for no_such_package" in message
    wheel(wheels, "no_such_package")
    assert running.run(flow(script(["no_such_package"], "import no_such_package"))).state == "SUCCESS"


@pytest.mark.parametrize("more", ["", "    dependencyCacheEnabled: false\n"], ids=["path", "not kept"])
def test_a_path_is_installed_anew_each_time(running: Engine, wheels: Path, more: str) -> None:
    wheel(wheels, "tiny_one")
    package = "tiny_one" if more else str(wheels / "tiny_one-1.0-py3-none-any.whl")
    text = "import tiny_one\nprint(tiny_one.VERSION)"
    source = flow(script([package], text, more + "    outputFiles: ['**']\n"))
    ended = running.run(source)
    assert running.messages(ended.id) == ["INFO t: 1.0"]
    (run,) = ended.runs.values()
    assert run.outputs["outputFiles"] == {}
    assert environments(running) == []


def test_tasks_that_begin_together_make_one_environment(running: Engine, wheels: Path) -> None:
    wheel(wheels, "tiny_one")
    both = "".join(script(["tiny_one"], "import tiny_one\nprint(1)", id_=id_) for id_ in ("a", "b"))
    inner = both.replace("\n", "\n    ").rstrip(" ")
    ended = running.run(flow(f"  - id: p\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n    {inner}"))
    assert ended.state == "SUCCESS"
    assert sum("installing" in line for line in running.messages(ended.id, "DEBUG")) == 1


def test_a_kill_ends_an_installation(running: Engine, wheels: Path, tmp_path: Path) -> None:
    """The package is a pipe into which nobody writes."""
    pipe = wheels / "tiny_one-1.0-py3-none-any.whl"
    os.mkfifo(pipe)
    opened = threading.Event()
    id_ = running.start(*running.save(flow(script(["tiny_one"], "print(1)"))))

    def write() -> None:
        with pipe.open("w"):
            opened.set()
            ended.wait(30)

    ended = threading.Event()
    threading.Thread(target=write, daemon=True).start()
    assert opened.wait(30)
    running.command(id_, actions.kill)
    assert states(running.wait(id_)) == {"t": "KILLED"}
    ended.set()
    assert environments(running) == []


def test_environments_that_nobody_uses_are_removed(
    running: Engine, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(wheels, "tiny_one")
    wheel(wheels, "tiny_two")
    monkeypatch.setattr(dependencies, "MOST_ENVIRONMENTS", 1)
    running.run(flow(script(["tiny_one"], "import tiny_one")))
    first = environments(running)
    running.run(flow(script(["tiny_two"], "import tiny_two")))
    second = environments(running)
    assert len(second) == 1 and first != second
    folders = running.executor.services.work.parent / "kept" / "python"
    assert sorted(path.name for path in folders.iterdir() if path.is_dir()) == [second[0].removesuffix(READY)]


class Plain:
    """A rendering that changes nothing."""

    def text(self, template: str, extra: object = None) -> str:
        return template

    def typed(self, template: str, extra: object = None) -> object:
        return template

    def printed(self, value: object) -> str:
        return str(value)

    def single(self, template: str) -> bool:
        return False


def test_packages_are_a_sorted_set() -> None:
    assert wanted(Properties({"dependencies": [" b ", "a==1", "b", ""]}, Plain())) == ["a==1", "b"]


@pytest.mark.parametrize("option", ["--index-url=https://x.example", "-r", " -e ."])
def test_an_option_is_no_package(option: str) -> None:
    with pytest.raises(BadProperty, match="is an option"):
        wanted(Properties({"dependencies": ["a", option]}, Plain()))


@pytest.mark.parametrize(
    ("package", "expected"),
    [("a>=1", True), ("a[b]~=2.0", True), ("./a", False), ("/a", False), ("a @ file:///a", False), ("~/a", False)],
)
def test_a_path_may_change(package: str, expected: bool) -> None:
    assert lasting([package]) is expected


def test_pip_gets_its_own_settings_and_nothing_else() -> None:
    server = {"PIP_INDEX_URL": "a", "https_proxy": "p", "AWS_SECRET": "s", "FLOWCTL_TOKEN": "t", "PIP_RETRIES": "1"}
    assert settings_of(server, {"PIP_INDEX_URL": "b", "MINE": "c"}) == {
        "PIP_INDEX_URL": "b",
        "https_proxy": "p",
        "PIP_RETRIES": "1",
    }
