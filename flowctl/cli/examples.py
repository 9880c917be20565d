"""The examples at the end of each command's help."""

from __future__ import annotations

from collections.abc import Mapping

import click

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "init": ("flowctl init dev", "flowctl init production --server https://kestra.example.com"),
    "validate": ("flowctl validate", "flowctl validate staging --json"),
    "plan": (
        "flowctl plan staging",
        "flowctl plan staging --out staging.json",
        "flowctl plan production --select 'production/billing*' --diff",
        "flowctl plan staging --changed-since origin/main --detailed-exitcode",
    ),
    "apply": (
        "flowctl apply staging",
        "flowctl apply staging.json",
        "flowctl apply production --auto-approve --lock-timeout 10m --quiet-window 5m",
    ),
    "show": ("flowctl show staging.json --markdown", "flowctl show production/daily -e production"),
    "adopt": ("flowctl adopt production production/daily 'kv production:*'", "flowctl adopt production --all"),
    "drift": ("flowctl drift production", "flowctl drift production --markdown > drift.md"),
    "pull": (
        "flowctl pull staging --dry-run",
        "flowctl pull staging --branch from-server",
        "flowctl pull production --all --values",
    ),
    "status": ("flowctl status production",),
    "history": ("flowctl history production", "flowctl history production production/daily"),
    "rollback": ("flowctl rollback production --to 41", "flowctl rollback production --to v1.4.0 --dry-run"),
    "promote": (
        "flowctl promote staging production",
        "flowctl promote staging production --select production/daily --pull-request",
        "flowctl promote staging production --apply --allow-unproven staging/daily --reason 'hotfix 812'",
    ),
    "move": ("flowctl move production production-new --dry-run",),
    "unlock": ("flowctl unlock production 7f0c2a9e",),
    "run": (
        "flowctl run dev/hello -i name=World --follow",
        "flowctl run staging:staging/import -i data=@rows.csv -l why=test --wait",
    ),
    "logs": ("flowctl logs 5Gx2mHq0 --follow",),
    "executions list": ("flowctl executions list --flow dev/hello --state FAILED --limit 5",),
    "executions restart": ("flowctl executions restart 5Gx2mHq0 --follow",),
    "executions replay": ("flowctl executions replay 5Gx2mHq0 --revision 3",),
    "triggers list": ("flowctl triggers list -e production",),
    "triggers disable": ("flowctl triggers disable production/daily night -e production",),
    "triggers backfill": (
        "flowctl triggers backfill dev/daily night --start 2026-03-01 --end 2026-03-08",
        "flowctl triggers backfill dev/daily night --stop",
    ),
    "secrets set": (
        "flowctl secrets set DB_PASSWORD -e production",
        'printf %s "$VALUE" | flowctl secrets set DB_PASSWORD -e production',
    ),
    "server run": (
        "flowctl server run --port 8080 --data data",
        "flowctl server run --host 0.0.0.0 --tls-cert server.crt --tls-key server.key",
    ),
    "server backup": ("flowctl server backup backup.db",),
    "ci comment": (
        "flowctl ci comment staging.json",
        "flowctl ci comment --text stopped.md --about staging --pull-request 12",
    ),
    "ci environments": ("flowctl ci environments --changed-since origin/main --json",),
    "ci issue": ("flowctl ci issue --about production --text drift.md",),
    "ci same": ("flowctl ci same reviewed.json now.json",),
    "doctor": ("flowctl doctor production",),
    "graph": (
        "flowctl graph production production/daily --format mermaid",
        "flowctl graph production --format svg > flows.svg",
    ),
    "blame": ("flowctl blame production:production/daily",),
    "explain": ("flowctl explain H5",),
    "schema": ("flowctl schema flow > flow.schema.json",),
    "completion": (
        'eval "$(flowctl completion bash)"',
        "flowctl completion fish > ~/.config/fish/completions/flowctl.fish",
    ),
}


def with_examples(name: str, command: click.Command) -> click.Command:
    """The command, with its examples below its options; those of a group's commands below theirs."""
    if name in EXAMPLES:
        command.epilog = "\b\n" + "\n".join(["Examples:", *(f"  {line}" for line in EXAMPLES[name])])
    if isinstance(command, click.Group):
        for sub, member in command.commands.items():
            with_examples(f"{name} {sub}", member)
    return command
