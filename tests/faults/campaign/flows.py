"""The flows of the campaign: each kind of work that a kill can cut in two, with the state it has to end in.

`NOTE` in a text becomes a shell command that leaves the process id in a file of its own for each task run, so that
it can be counted afterwards how often a task's work was begun, and by which processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAMESPACE = "campaign"
KEY = "key-of-the-campaign"
CORE = "io.kestra.plugin.core"
SHELL = f"io.kestra.plugin.scripts.shell.Commands, taskRunner: {{type: {CORE}.runner.Process}}"
PYTHON = "io.kestra.plugin.scripts.python.Script"


@dataclass(frozen=True, slots=True)
class Kind:
    """A flow's text below `id` and `namespace`, and how its executions have to end.

    `how`: `api` is started by clients, `webhook` through its webhook, `child` only by other flows.
    """

    body: str
    state: str = "SUCCESS"
    how: str = "api"


def shell(id_: str, *commands: str, more: str = "") -> str:
    """A task of shell commands on one line."""
    lines = ", ".join(f"'{command}'" for command in commands)
    return f"{{id: {id_}, type: {SHELL}, commands: [{lines}]{more}}}"


def python(id_: str, text: str, more: str = "") -> str:
    """A task of a Python script that leaves its note itself."""
    note = "import os; open('NOTES/{{ execution.id }}.{{ taskrun.id }}', 'a').write(f'{os.getpid()}\\\\n')"
    script = f"{note}; {text}"
    return f'{{id: {id_}, type: {PYTHON}, taskRunner: {{type: {CORE}.runner.Process}}, script: "{script}"{more}}}'


def returns(id_: str, text: str = "x") -> str:
    """A task without a process."""
    return f'{{id: {id_}, type: {CORE}.debug.Return, format: "{text}"}}'


def tasks(*items: str, indent: int = 2) -> str:
    """Items of a list of tasks."""
    return "".join(f"{' ' * indent}- {item}\n" for item in items)


def group(id_: str, kind: str, more: str, *items: str) -> str:
    """A task with tasks below."""
    return f"id: {id_}\n    type: {CORE}.flow.{kind}\n{more}    tasks:\n{tasks(*items, indent=6).rstrip()}"


def schedule(id_: str, more: str = "") -> str:
    """A trigger for every second."""
    return f"  - {{id: {id_}, type: {CORE}.trigger.Schedule, cron: '* * * * * *', withSeconds: true{more}}}\n"


SLEEP = f"{{id: nap, type: {CORE}.flow.Sleep, duration: PT0.05S}}"
NOTED = shell("n1", "NOTE")
CALL = f"{{id: sub, type: {CORE}.flow.Subflow, namespace: {NAMESPACE}, flowId: child, wait: true}}"
VALUES = "    values: [a, b, c]\n"
DAEMON = '(setsid sh -c "NOTE; exec sleep 600" >/dev/null 2>&1 &)'
ATTEMPT = "[ {{ taskrun.attemptsCount }} -ge 2 ]"
RETRY = ", retry: {type: constant, interval: PT0.1S, maxAttempts: 3}"

KINDS: Mapping[str, Kind] = {
    "plain": Kind("tasks:\n" + tasks(returns("a"), returns("b"))),
    "script": Kind("tasks:\n" + tasks(shell("n1", "NOTE"), SLEEP, shell("n2", "NOTE", "sleep 0.1"))),
    "zygote": Kind("tasks:\n" + tasks(python("n1", "print(1)"), python("n2", "import time; time.sleep(0.1)"))),
    "interpreter": Kind("tasks:\n" + tasks(python("n1", "print(1)", ", beforeCommands: ['true']"))),
    "parallel": Kind("tasks:\n" + tasks(group("all", "Parallel", "", NOTED, python("n2", "print(1)"), SLEEP))),
    "loop": Kind("tasks:\n" + tasks(group("loop", "Loop", VALUES, NOTED, returns("i", "{{ item.value }}")))),
    "foreach": Kind(
        "tasks:\n"
        + tasks(group("each", "ForEach", VALUES + "    concurrencyLimit: 2\n", shell("n1", "NOTE"), returns("i")))
    ),
    "directory": Kind(
        "tasks:\n" + tasks(group("wd", "WorkingDirectory", "", shell("n1", "NOTE", "echo x > f"), shell("n2", "NOTE")))
    ),
    "parent": Kind(
        "tasks:\n"
        + tasks(CALL, returns("z"))
    ),
    "child": Kind("tasks:\n" + tasks(shell("n1", "NOTE", "sleep 0.05")), how="child"),
    "paused": Kind("tasks:\n" + tasks(NOTED, f"{{id: hold, type: {CORE}.flow.Pause}}", shell("n2", "NOTE"))),
    "retry": Kind("tasks:\n" + tasks(shell("n1", "NOTE", ATTEMPT, more=RETRY))),
    "bad": Kind(
        "tasks:\n"
        + tasks(shell("n1", "NOTE", "exit 3"))
        + "errors:\n"
        + tasks(f"{{id: e, type: {CORE}.log.Log, message: failed}}"),
        "FAILED",
    ),
    "killed": Kind("tasks:\n" + tasks(shell("n1", "NOTE", "sleep 600"), returns("never")), "KILLED"),
    "late": Kind("tasks:\n" + tasks(shell("n1", "NOTE", "sleep 600", more=", timeout: PT0.3S")), "FAILED"),
    "daemon": Kind("tasks:\n" + tasks(shell("n1", DAEMON, "sleep 0.05"))),
    "queued": Kind("concurrency: {limit: 1, behavior: QUEUE}\ntasks:\n" + tasks(shell("n1", "NOTE"), returns("b"))),
    "hook": Kind(
        "tasks:\n" + tasks(NOTED) + f"triggers:\n  - {{id: w, type: {CORE}.trigger.Webhook, key: {KEY}}}\n",
        how="webhook",
    ),
    "listener": Kind(
        "tasks:\n" + tasks(returns("a"))
        + f"triggers:\n  - id: on\n    type: {CORE}.trigger.Flow\n    dependsOn:\n"
        + f"      - {{namespace: {NAMESPACE}, flowId: plain, states: [SUCCESS]}}\n",
        how="child",
    ),
    "every-second": Kind("tasks:\n" + tasks(returns("a")) + "triggers:\n" + schedule("s"), how="child"),
    "every-second-at-once": Kind(
        "tasks:\n" + tasks(returns("a")) + "triggers:\n" + schedule("s", ", allowConcurrent: true"), how="child"
    ),
}  # fmt: skip

SCHEDULED = tuple(id_ for id_ in KINDS if id_.startswith("every-second"))


def source(id_: str, notes: Path) -> str:
    """The text of a flow whose notes go into a directory."""
    note = f"echo $$ >> {notes}/{{{{ execution.id }}}}.{{{{ taskrun.id }}}}"
    body = KINDS[id_].body.replace("NOTES", str(notes)).replace("NOTE", note)
    return f"id: {id_}\nnamespace: {NAMESPACE}\n{body}"
