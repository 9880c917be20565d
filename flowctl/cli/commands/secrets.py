"""`flowctl secrets set|list|delete|rotate-key`: values come from a prompt or standard input only."""

from __future__ import annotations

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, environment_option, json_option

NAMESPACE = click.option("-n", "--namespace", metavar="NS", help="The environment's namespace when left out.")


@click.group("secrets")
def command() -> None:
    """Secrets of the server, which flows read with `secret('KEY')`."""


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name, once it is one. Checked here: of a request with a secret in it nothing is told that a server says."""
    import re

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}", value):
        raise click.BadParameter(f"{value!r} is no name: letters, digits, '.', '_' and '-', a letter or digit first")
    return value


@command.command("set")
@click.argument("key", metavar="KEY", callback=_name)
@environment_option
@NAMESPACE
@click.option("--description", metavar="TEXT", help="What it is for.")
@json_option()
@common_options
@click.pass_obj
def set_(
    console: Console,
    key: str,
    environment: str | None,
    namespace: str | None,
    description: str | None,
    as_json: bool,
) -> None:
    """Store a secret. Its value is asked for, or read from standard input when that is no terminal."""
    from flowctl.cli.concluding import conclude
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.keeping import kept_there
    from flowctl.cli.operating.secretvalue import read_value

    calls = open_calls(console, environment)
    place = namespace or calls.environment.namespace
    body = {
        "key": key,
        "value": read_value(console, key, f"flowctl secrets set {key} -n {place} {calls.option}"),
        "description": description,
    }
    with kept_there(calls):
        calls.ask("PUT", f"/namespaces/{place}/secrets", body=body, private=True)
    members = {"namespace": place, "key": key, "change": "set"}
    conclude(console, "secret", members, f"Secret {key} of {place} is set.")


@command.command("list")
@environment_option
@json_option()
@common_options
@click.pass_obj
def list_(console: Console, environment: str | None, as_json: bool) -> None:
    """The names of all secrets; values are never shown. Those without a namespace are variables of the server."""
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.rows import SECRET_COLUMNS, secret_row
    from flowctl.cli.operating.tables import show_rows

    rows = [secret_row(row) for row in open_calls(console, environment).rows("/secrets", (), 10_000)]
    show_rows(console, "secrets", rows, SECRET_COLUMNS)


@command.command("delete")
@click.argument("key", metavar="KEY")
@environment_option
@NAMESPACE
@json_option()
@common_options
@click.pass_obj
def delete(console: Console, key: str, environment: str | None, namespace: str | None, as_json: bool) -> None:
    """Forget a secret."""
    from flowctl.cli.concluding import conclude
    from flowctl.cli.operating.calls import missing, open_calls
    from flowctl.cli.operating.keeping import kept_there, read_only

    calls = open_calls(console, environment)
    place = namespace or calls.environment.namespace
    there = missing("C132", f"secret {key} in {place}", f"flowctl secrets list {calls.option}")
    with there, kept_there(calls, unless=lambda: not read_only(calls)):
        calls.ask("DELETE", f"/namespaces/{place}/secrets/{key}")
    members = {"namespace": place, "key": key, "change": "deleted"}
    conclude(console, "secret", members, f"Secret {key} of {place} is deleted.")


@command.command("rotate-key")
@environment_option
@json_option()
@common_options
@click.pass_obj
def rotate_key(console: Console, environment: str | None, as_json: bool) -> None:
    """Seal all secrets of the bundled server with a new key."""
    from flowctl.cli.concluding import conclude
    from flowctl.cli.operating.calls import open_calls
    from flowctl.cli.operating.keeping import kept_there

    calls = open_calls(console, environment)
    with kept_there(calls, hint="only the bundled server has a key of its own, which this changes"):
        count = calls.ask("POST", "/flowctl/secrets/rotate").mapping()["count"]
    members = {"environment": calls.environment.name, "sealed": count}
    conclude(console, "secrets-key", members, f"The key is new; secrets sealed with it: {count}.")
