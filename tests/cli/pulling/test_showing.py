"""What a pull says to people and to programs."""

from __future__ import annotations

import io

from flowctl.cli.console import Console
from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.cli.pulling.file_names import Renamed
from flowctl.cli.pulling.pulled import Pulled
from flowctl.cli.pulling.puller import LeftOut
from flowctl.cli.pulling.showing import pull_json, show_pull
from flowctl.model.keys import FileKey, FlowKey, KvKey
from tests.planning.sample import flow
from tests.views.golden import assert_golden

KEY, TEXT = flow("dev", "etl", "load")
PULLED = Pulled(
    "dev",
    (
        FileEdit((KEY,), "flows/dev/etl.yaml", TEXT.encode(), TEXT.replace("load", "store").encode()),
        FileEdit((FlowKey("dev", "Etl"),), "flows/dev/Etl-2.yaml", None, b"id: Etl\n"),
        FileEdit((FileKey("dev", "/a.bin"),), "flows/dev/_files/a.bin", b"\xff\x00", None),
        FileEdit((KvKey("dev", "A"), KvKey("dev", "B")), "flows/dev/_kv.yaml", b"A: 1\n", b"A: secret\nB: 2\n"),
    ),
    (LeftOut(FlowKey("dev", "mine"), "its file has changed as well"),),
    (Renamed(FlowKey("dev", "Etl"), "flows/dev/Etl-2.yaml", "dev/etl"),),
    {"test": ["flows/dev/etl.yaml"]},
    3,
)


def test_programs_are_told_everything_and_no_value() -> None:
    assert_golden("pull_dry_run.json", pull_json(PULLED, dry_run=True))
    assert_golden("pull.json", pull_json(PULLED, dry_run=False, branch="from-server", commit="c0ffee" * 6 + "c0ff"))


def test_people_are_told_file_by_file() -> None:
    out, err = io.StringIO(), io.StringIO()
    show_pull(Console(out, err, {}), PULLED, diff=False)
    assert out.getvalue().splitlines() == [
        "~ flows/dev/etl.yaml  (flow dev/etl)",
        "+ flows/dev/Etl-2.yaml  (flow dev/Etl)",
        "- flows/dev/_files/a.bin  (file dev:/a.bin)",
        "~ flows/dev/_kv.yaml  (kv dev:A, kv dev:B)",
    ]
    assert err.getvalue().splitlines() == [
        "Note: flow dev/Etl goes to flows/dev/Etl-2.yaml: some disks take its own name for dev/etl.",
        "left out: flow dev/mine: its file has changed as well",
        "Note: test reads flows/dev/etl.yaml as well.",
    ]


def test_that_there_is_nothing_is_said_with_what_nobody_asked_about() -> None:
    err = io.StringIO()
    show_pull(Console(io.StringIO(), err, {}), Pulled("dev", (), unmanaged=2), diff=False)
    assert err.getvalue().splitlines() == [
        "Nothing to take: the files have every edit of the server's.",
        "Not flowctl's and not looked at: 2. --all takes what has a place among the files.",
    ]
