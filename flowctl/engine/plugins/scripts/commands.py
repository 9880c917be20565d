"""Commands and Script for shell, Python and Node: what is run, and what comes of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Killed, RunContext, Task, TaskFailure
from flowctl.engine.plugins.scripts import dependencies, files, process, warm
from flowctl.engine.plugins.scripts.interpreters import python_of, usual_python
from flowctl.engine.plugins.scripts.limits import limits_of
from flowctl.engine.plugins.scripts.protocol import Messages

ADDRESS = re.compile(r"kestra:///[^\s'\"`<>;,)\]}]+")
PRELUDE = "true = True\nfalse = False\nnull = None\n"
PROCESS = "io.kestra.plugin.core.runner.Process"


@dataclass(frozen=True, slots=True)
class Language:
    """How scripts of a language are run: the program's name, the file's extension, lines put before the script."""

    name: str
    program: Callable[[], str]
    extension: str
    prelude: str = ""


LANGUAGES = (
    Language("shell", lambda: "/bin/sh", ".sh"),
    Language("python", usual_python, ".py", PRELUDE),
    Language("node", lambda: shutil.which("node") or "node", ".js"),
)


class _Scripted(BuiltIn):
    """What Commands and Script have in common."""

    inline = False

    def __init__(self, language: Language) -> None:
        self.language = language

    def main(
        self, context: RunContext, properties: Properties, directory: Path, program: Callable[[], str]
    ) -> list[str]:
        """The lines of the main part, for the interpreter. `program` runs a file of the language."""
        raise AssertionError("a subclass says what to run")

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`exitCode`, `vars`, `outputFiles`; kept when the exit code fails the task."""
        directory = context.directory
        files.prepare(context, properties, directory)
        messages = Messages(context.log, context.metric)
        code = self._execute(context, properties, directory, messages)
        if context.killed.is_set():
            raise Killed
        outputs = {
            "exitCode": code,
            "vars": messages.outputs,
            "outputFiles": files.collect(context, properties, directory),
        }
        if code != 0:
            text = f"Command failed with exit code {code}"
            context.log("ERROR", text)
            raise TaskFailure(f"io.kestra.core.models.tasks.runners.TaskException: {text}", outputs)
        return outputs

    def _execute(self, context: RunContext, properties: Properties, directory: Path, messages: Messages) -> int:
        with self._packages(context, properties) as venv:
            return self._execute_in(context, properties, directory, messages, venv)

    def _packages(self, context: RunContext, properties: Properties) -> AbstractContextManager[Path | None]:
        if self.language.name != "python":
            return nullcontext()
        interpreter = python_of(properties.text("pythonVersion"))
        return dependencies.provided(context, properties, interpreter, needed=interpreter != usual_python())

    def _execute_in(
        self, context: RunContext, properties: Properties, directory: Path, messages: Messages, venv: Path | None
    ) -> int:
        interpreter = properties.texts("interpreter") or ["/bin/sh", "-c"]
        program = self.language.program if venv is None else lambda: str(venv / "bin" / "python")
        lines = self._lines(context, properties, directory, interpreter, program)
        environment = _environment(properties, directory, venv)
        forked = None if venv else self._warm(properties, lines, directory, environment)
        arguments = [forked, "-u", _script_name(context, ".py")] if forked else [*interpreter, "\n".join(lines)]
        try:
            running = process.start(arguments, directory, environment, messages.line, limits_of(properties), forked)
        except OSError as error:
            raise TaskFailure(f"the process cannot be started: {error}") from error
        context.on_kill(running.stop)
        return running.wait()

    def _warm(
        self, properties: Properties, lines: list[str], directory: Path, environment: dict[str, str]
    ) -> str | None:
        """The interpreter that may be forked for this script; None: it needs a process of its own."""
        return None

    def _lines(
        self,
        context: RunContext,
        properties: Properties,
        directory: Path,
        interpreter: list[str],
        program: Callable[[], str],
    ) -> list[str]:
        before = _localised(context, properties.texts("beforeCommands"), directory)
        lines = [*before, *self.main(context, properties, directory, program)]
        if properties.flag("failFast", True) and _understands_set(interpreter):
            lines.insert(0, "set -e")
        return lines


def _understands_set(interpreter: list[str]) -> bool:
    return Path(interpreter[0]).name in ("sh", "bash", "dash", "zsh", "ksh")


class Commands(_Scripted):
    """Runs commands, one after the other."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.name = f"io.kestra.plugin.scripts.{language.name}.Commands"

    def main(
        self, context: RunContext, properties: Properties, directory: Path, program: Callable[[], str]
    ) -> list[str]:
        """The commands."""
        return _localised(context, _with_directory(properties, directory).texts("commands"), directory)


class Script(_Scripted):
    """Runs a script: a shell's as it stands, another language's from a file."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.name = f"io.kestra.plugin.scripts.{language.name}.Script"

    def main(
        self, context: RunContext, properties: Properties, directory: Path, program: Callable[[], str]
    ) -> list[str]:
        """The script itself, or the program with the file."""
        text = _with_directory(properties, directory).required("script")
        (text,) = _localised(context, [text], directory)
        if self.language.name == "shell":
            return [text]
        name = _script_name(context, self.language.extension)
        (directory / name).write_text(self.language.prelude + text)
        unbuffered = " -u" if self.language.name == "python" else ""
        return [f"exec {shlex.quote(program())}{unbuffered} {name}"]

    def _warm(
        self, properties: Properties, lines: list[str], directory: Path, environment: dict[str, str]
    ) -> str | None:
        if self.language.name != "python" or properties.texts("interpreter") or properties.texts("beforeCommands"):
            return None
        text = (directory / lines[-1].rpartition(" ")[2]).read_text()
        if not warm.suits(text, properties.mapping("env")):
            return None
        environment.update(warm.shell_variables(str(directory)))
        return self.language.program()


def _script_name(context: RunContext, extension: str) -> str:
    return f".flowctl-{context.place.task_run_id}{extension}"


def _with_directory(properties: Properties, directory: Path) -> Properties:
    outputs = files.output_directory(properties, directory)
    return properties.extended({"workingDir": str(directory), "outputDir": str(outputs)})


def _localised(context: RunContext, lines: list[str], directory: Path) -> list[str]:
    """Addresses of stored files in the text become paths of local copies."""

    def local(found: re.Match[str]) -> str:
        uri = found.group()
        target = directory / ".flowctl-files" / f"{abs(hash(uri)):x}-{uri.rpartition('/')[2]}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(context.files.read(uri))
        return str(target)

    return [ADDRESS.sub(local, line) if "kestra:///" in line else line for line in lines]


def _environment(properties: Properties, directory: Path, venv: Path | None) -> dict[str, str]:
    environment = process.base_environment(os.environ)
    environment["WORKING_DIR"] = str(directory)
    if (outputs := files.output_directory(properties, directory)) != directory:
        environment["OUTPUT_DIR"] = str(outputs)
    if venv is not None:
        environment["VIRTUAL_ENV"] = str(venv)
        environment["PATH"] = f"{venv / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    for name, value in properties.mapping("env").items():
        environment[name] = properties.rendered_text(value) if not isinstance(value, str) else value
    return environment


TASKS: list[Task] = [kind(language) for language in LANGUAGES for kind in (Commands, Script)]
