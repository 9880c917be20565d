"""Script tasks and task runners. The bundled server runs shell, Python and Node with Process."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.types.build import (
    anything,
    choice,
    count,
    items,
    literal,
    mapping,
    option,
    part,
    record,
    sequence,
    switch,
    text,
)
from flowctl.language.types.common import FILES, small, task
from flowctl.language.types.spec import PropertySpec, TypeSpec

_SCRIPTS = "io.kestra.plugin.scripts."
RUN_HERE = ("shell", "python", "node")
COMMANDS_AND_SCRIPT = (
    "shell",
    "python",
    "node",
    "r",
    "ruby",
    "powershell",
    "perl",
    "php",
    "go",
    "lua",
    "julia",
    "deno",
    "bun",
    "groovy",
)
_OLD_SCRIPTS = {"shell": "Bash", "python": "Python", "node": "Node"}

_CPU = record({"cpus": anything()})
_MEMORY = record(
    {
        "memory": text(),
        "memorySwap": text(),
        "memorySwappiness": text(),
        "memoryReservation": text(),
        "kernelMemory": text(),
        "oomKillDisable": switch(),
    }
)
_CREDENTIALS = record(
    {
        "registry": text(),
        "username": text(),
        "password": text(),
        "registryToken": text(),
        "identityToken": text(),
        "auth": text(),
    }
)
DOCKER: dict[str, PropertySpec] = {
    "host": text(),
    "config": anything(),
    "credentials": _CREDENTIALS,
    "image": text(),
    "user": text(),
    "entryPoint": items(),
    "extraHosts": items(),
    "networkMode": text(),
    "volumes": items(),
    "pullPolicy": option("ALWAYS", "IF_NOT_PRESENT", "NEVER"),
    "deviceRequests": sequence(),
    "cpu": _CPU,
    "memory": _MEMORY,
    "shmSize": text(),
    "privileged": switch(),
}
_COMMON: dict[str, PropertySpec] = {
    "taskRunner": part("runner", "What the script runs in."),
    "runner": choice("PROCESS", "DOCKER", description="Old form of `taskRunner`.", deprecated="`taskRunner`"),
    "docker": record(
        {**DOCKER, "dockerConfig": text(), "dockerHost": text()},
        "Old form of `containerImage` and `taskRunner`.",
        deprecated="`containerImage` and `taskRunner`",
    ),
    "containerImage": text("Image of the container."),
    "beforeCommands": items("Run before, in the same shell."),
    "env": anything("Environment variables."),
    "interpreter": items("The shell."),
    "failFast": switch(True, "Stop at the first command that fails."),
    **FILES,
    "outputDirectory": switch(False, deprecated="`outputFiles`"),
    "warningOnStdErr": switch(True, dialects=("1.3", "2.0")),
    "targetOS": option("LINUX", "WINDOWS", "AUTO", default="AUTO"),
}
_PYTHON: dict[str, PropertySpec] = {
    "dependencies": items("Packages to install."),
    "dependencyCacheEnabled": switch(True),
    "packageManager": option("PIP", "UV", default="UV"),
    "pythonVersion": text(),
    "uvInstallerSha256": text(),
    "uvInstallerVersion": text(),
}
_OUTPUTS: dict[str, PropertySpec] = {
    "exitCode": count("Exit code of the process."),
    "vars": mapping("What the script reported."),
    "outputFiles": mapping("Path to address."),
    "taskRunner": mapping(),
}
_COMMANDS = items("The commands.", required=True)
_SCRIPT = anything("The script.", required=True)


def _types() -> Iterator[TypeSpec]:
    for language in COMMANDS_AND_SCRIPT:
        own = {**_COMMON, **(_PYTHON if language == "python" else {})}
        here = language in RUN_HERE
        old = _OLD_SCRIPTS.get(language)
        aliases = (f"io.kestra.core.tasks.scripts.{old}", f"{_SCRIPTS}{language}.{old}") if old else ()
        title = language.capitalize()
        yield task(
            f"{_SCRIPTS}{language}.Commands",
            f"{title}: commands.",
            {**own, "commands": _COMMANDS},
            _OUTPUTS,
            aliases=aliases if language == "shell" else aliases[:1],
            runnable=here,
            open=not here,
        )
        yield task(
            f"{_SCRIPTS}{language}.Script",
            f"{title}: a script.",
            {**own, "script": _SCRIPT},
            _OUTPUTS,
            runnable=here,
            open=not here,
        )


TYPES: tuple[TypeSpec, ...] = tuple(_types())

RUNNERS: tuple[TypeSpec, ...] = (
    small("runner", "io.kestra.plugin.core.runner.Process", "A process of the server.", {"version": literal()}),
    small(
        "runner",
        "io.kestra.plugin.scripts.runner.docker.Docker",
        "A container.",
        {
            **DOCKER,
            "version": literal(),
            "fileHandlingStrategy": option("VOLUME", "MOUNT"),
            "delete": switch(True),
            "wait": switch(True),
            "resume": switch(True),
            "killGracePeriod": text(),
            "containerLabels": anything(),
        },
        runnable=False,
    ),
)
