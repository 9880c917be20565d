"""`flowctl server backup|restore`."""

from __future__ import annotations

from pathlib import Path

import click

from flowctl.cli.console import Console
from flowctl.cli.options import common_options, json_option

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The server's data; the workspace's.",
)


def _data(given: Path | None) -> Path:
    from flowctl.cli.background import serving
    from flowctl.cli.workspace import here

    return given or here().state_dir / serving.DATA


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@DATA
@json_option()
@common_options
@click.pass_obj
def backup(console: Console, file: Path, data: Path | None, as_json: bool) -> None:
    """Copy everything the server holds into FILE, while it runs or not. The file holds the key of the secrets."""
    from flowctl.cli.concluding import conclude
    from flowctl.engine.backup import backup as copy

    size = copy(_data(data), file)
    said = f"{file}: {size} bytes. It holds the key of the secrets: keep it where only you can read it."
    conclude(console, "backup", {"file": str(file), "bytes": size}, said)


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@DATA
@json_option()
@common_options
@click.pass_obj
def restore(console: Console, file: Path, data: Path | None, as_json: bool) -> None:
    """Put a backup back. The server must not run; what it held is kept beside its data as `….before`."""
    from flowctl.cli.concluding import conclude
    from flowctl.engine.backup import restore as put_back

    target = _data(data)
    put_back(file, target)
    before = f"{target}.before"
    members = {"file": str(file), "data": str(target), "before": before}
    said = f"Restored into {target}; what was there before is in {before}."
    conclude(console, "restore", members, said)
