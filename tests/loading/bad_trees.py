"""Bad directories: what makes each of them, and the problems it has."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from tests.loading.bad_texts import BUNDLED, TASKS, Text


def write(root: Path, contents: dict[str, Text]) -> None:
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


def _broken_link(root: Path) -> None:
    (root / "flows/dev/x.yaml").symlink_to("nowhere.yaml")


def _escaping_link(root: Path) -> None:
    outside = root.parent / f"{root.name}-outside.yaml"
    outside.write_text("id: x\n")
    (root / "flows/dev/x.yaml").symlink_to(outside)


def _circle(root: Path) -> None:
    (root / "flows/dev/again").symlink_to(root / "flows/dev", target_is_directory=True)


def _pipe(root: Path) -> None:
    os.mkfifo(root / "flows/dev/x.yaml")


def _socket(root: Path) -> None:
    here = Path.cwd()
    os.chdir(root / "flows/dev")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("x.yaml")
    finally:
        os.chdir(here)


def _name_that_is_not_utf8(root: Path) -> None:
    (Path(os.fsdecode(os.fsencode(root / "flows/dev") + b"/\xff.yaml"))).write_text("id: x\n" + TASKS)


def _name_with_a_line_end(root: Path) -> None:
    (root / "flows/dev/a\nb.yaml").write_text("id: x\n" + TASKS)


def _big_flow(root: Path) -> None:
    with (root / "flows/dev/x.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)


def _big_key_values(root: Path) -> None:
    with (root / "flows/dev/_kv.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)


def _big_file(root: Path) -> None:
    write(root, {"flows/dev/_files/x.bin": b""})
    with (root / "flows/dev/_files/x.bin").open("wb") as file:
        file.truncate(65 * 1024 * 1024)


def _big_environment(root: Path) -> None:
    (root / "environments/dev.yaml").write_text(BUNDLED + "# " + "x" * (1 << 20))


def _deep_directories(root: Path) -> None:
    deep = root / "flows/dev" / "/".join(["a"] * 65)
    deep.mkdir(parents=True)


def _named(name: str, text: Text = "id: x\n" + TASKS) -> Callable[[Path], None]:
    return lambda root: write(root, {name: text})


TREES: list[tuple[str, Callable[[Path], None], str]] = [
    ("a broken symbolic link", _broken_link, "F402 flows/dev/x.yaml None:None"),
    ("a link out of the workspace", _escaping_link, "F403 flows/dev/x.yaml None:None"),
    ("a link to a directory above", _circle, "F411 flows/dev/again None:None"),
    ("a named pipe", _pipe, "F404 flows/dev/x.yaml None:None"),
    ("a socket", _socket, "F404 flows/dev/x.yaml None:None"),
    ("a file name that is not UTF-8", _name_that_is_not_utf8, "F405 flows/dev/\\udcff.yaml None:None"),
    ("a file name with a line end", _name_with_a_line_end, "F405 flows/dev/a\\nb.yaml None:None"),
    ("a flow of 50 MB", _big_flow, "F373 flows/dev/x.yaml None:None"),
    ("key-values of 50 MB", _big_key_values, "F406 flows/dev/_kv.yaml None:None"),
    ("a namespace file of 65 MB", _big_file, "F407 flows/dev/_files/x.bin None:None"),
    ("an environment of more than 1 MB", _big_environment, "F132 environments/dev.yaml None:None"),
    ("directories in directories", _deep_directories, f"F411 flows/dev/{'/'.join(['a'] * 65)} None:None"),
    ("_files that is a file", _named("flows/dev/_files"), "F415 flows/dev/_files None:None"),
    ("a file below _flows", _named("flows/dev/_files/_flows/a.txt"), "F409 flows/dev/_files/_flows/a.txt None:None"),
    ("a backslash in a name", _named("flows/dev/_files/a\\b"), "F410 flows/dev/_files/a\\b None:None"),
    ("a ZIP among the files", _named("flows/dev/_files/a.zip"), "F414 flows/dev/_files/a.zip None:None"),
    ("a directory in capitals", _named("flows/dev/Team/x.yaml"), "F374 flows/dev/Team None:None"),
    ("a directory with a space", _named("flows/dev/my team/x.yaml"), "F374 flows/dev/my team None:None"),
    (
        "a namespace that gets too long",
        _named(f"flows/dev/{'a' * 100}/{'b' * 100}/x.yaml"),
        f"F374 flows/dev/{'a' * 100}/{'b' * 100} None:None",
    ),
    ("one key in two files", _named("flows/dev/y.yaml", "id: ok\n" + TASKS), "F371 flows/dev/y.yaml 1:5"),
    ("one key, two suffixes", _named("flows/dev/ok.yml", "id: ok\n" + TASKS), "F371 flows/dev/ok.yml 1:5"),
    (
        "two files of key-values",
        lambda root: write(root, {"flows/dev/_kv.yaml": "a: 1\n", "flows/dev/_kv.yml": "a: 1\n"}),
        "F434 flows/dev/_kv.yml None:None",
    ),
    ("two files of one environment", _named("environments/dev.yml", BUNDLED), "F127 environments/dev.yaml None:None"),
    (
        "problems in many files",
        lambda root: write(
            root, {"flows/dev/a.yaml": "id: [\n", "flows/dev/_kv.yaml": "a b: 1\n", "flows/dev/t/b.yaml": "x: 1\n"}
        ),
        "F421 flows/dev/_kv.yaml 1:1, F210 flows/dev/a.yaml 1:5, "
        "F304 flows/dev/t/b.yaml 1:1, F310 flows/dev/t/b.yaml 1:1",
    ),
]
