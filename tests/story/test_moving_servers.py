"""An environment goes to another server and back: nothing fires twice, nothing is lost, a kill can be repeated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.story.project import Project, Server

FLOW = """\
id: nightly
namespace: shop
tasks:
  - {id: t, type: io.kestra.plugin.core.log.Log, message: hello}
triggers:
  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 3 * * *"}
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: a-key-of-the-shop}
"""
OTHER = "id: other\nnamespace: shop\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]\n"


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    """An environment `prod` that was applied to one server, and `prod-new` for another one."""
    shop, elsewhere = Project.create(tmp_path / "shop"), Project.create(tmp_path / "elsewhere")
    shop.write("environments/prod.yaml", "server: bundled\nflows: flows\nnamespace: shop\n")
    shop.write("flows/nightly.yaml", FLOW)
    shop.write("flows/_kv.yaml", "region: eu\n")
    shop.apply("prod")
    elsewhere.write("environments/any.yaml", "server: bundled\nflows: flows\nnamespace: none\n")
    elsewhere.flowctl("server", "start")
    new = elsewhere.server()
    shop.write(
        "environments/prod-new.yaml",
        f"server: {new.url}\nauth: {{token_env: NEW_TOKEN}}\nflows: flows\nnamespace: shop\n",
    )
    yield Moving(shop, shop.server(), new)
    shop.close()
    elsewhere.close()


class Moving:
    """The two servers and what a user does with them."""

    def __init__(self, project: Project, old: Server, new: Server) -> None:
        self.project, self.old, self.new = project, old, new

    def move(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """`flowctl move`; standard output and standard error."""
        found = self.project.flowctl("move", *arguments, code=code, NEW_TOKEN=self.new.token)
        return found.out, found.err

    def flowctl(self, *arguments: str, code: int = 0) -> str:
        """Any other command."""
        return self.project.flowctl(*arguments, code=code, NEW_TOKEN=self.new.token).out

    def serials(self, environment: str) -> list[int]:
        """Those of its history, newest first."""
        return [one["serial"] for one in json.loads(self.flowctl("history", environment, "--json"))["applies"]]

    def put(self, server: Server, key: str, text: str) -> None:
        """A key-value that no file knows."""
        server.request("PUT", f"/namespaces/shop/kv/{key}", text)

    @staticmethod
    def value(server: Server, key: str) -> object:
        """A key-value."""
        return server.request("GET", f"/namespaces/shop/kv/{key}")["value"]

    @staticmethod
    def fires(server: Server) -> dict[str, bool]:
        """Which triggers fire on a server."""
        rows: list[dict[str, Any]] = server.request("GET", "/triggers/search?size=50")["results"]
        states = [row.get("state") or row["triggerContext"] for row in rows]
        return {str(one["triggerId"]): one.get("disabled") is not True for one in states}

    def switch_off(self, server: Server, trigger: str) -> None:
        """Somebody switches a trigger off on a server."""
        body = {"namespace": "shop", "flowId": "nightly", "triggerId": trigger, "disabled": True}
        import httpx

        answer = httpx.put(
            f"{server.url}/api/v1/main/triggers/set-disabled",
            json=body,
            headers={"Authorization": f"Bearer {server.token}"},
        )
        answer.raise_for_status()


def test_everything_goes_along_and_comes_back(moving: Moving) -> None:
    moving.put(moving.old, "token", '"s3cret-of-the-shop"')
    moving.switch_off(moving.old, "yearly")
    shown, _ = moving.move("prod", "prod-new", "--dry-run")
    assert "kv shop:token" in shown and "s3cret" not in shown
    assert (
        "shop/nightly daily  next" in shown and "Switched off there, and here as well:\n  shop/nightly yearly" in shown
    )
    assert moving.new.request("GET", "/flows/search")["total"] == 0
    assert "C104" in moving.move("prod", "prod-new", code=1)[1]

    out, _ = moving.move("prod", "prod-new", "--auto-approve")
    assert "Moved prod to prod-new." in out
    assert moving.value(moving.new, "token") == "s3cret-of-the-shop"
    assert moving.fires(moving.new) == {"daily": True, "yearly": False}
    assert moving.fires(moving.old) == {"daily": False, "yearly": False}
    assert json.loads(moving.flowctl("plan", "prod-new", "--json"))["empty"]
    assert moving.serials("prod-new") == [2, 1]

    moving.project.write("flows/other.yaml", OTHER)
    assert "A103" in moving.project.flowctl("apply", "prod", "--auto-approve", code=1).err
    moving.flowctl("apply", "prod-new", "--auto-approve")
    moving.put(moving.new, "later", "1")
    out, _ = moving.move("prod-new", "prod", "--auto-approve")
    assert "flow shop/other" in out and "Moved prod-new to prod." in out
    assert moving.value(moving.old, "later") == 1
    assert moving.fires(moving.old) == {"daily": True, "yearly": False}
    assert moving.fires(moving.new) == {"daily": False, "yearly": False}
    assert json.loads(moving.flowctl("plan", "prod", "--json"))["empty"]


def test_a_move_that_is_done_is_done(moving: Moving) -> None:
    moving.move("prod", "prod-new", "--auto-approve")
    out, _ = moving.move("prod", "prod-new", "--auto-approve")
    assert out == "prod was moved to prod-new already. Nothing to do.\n"


def test_it_is_taken_back_by_the_same_command(moving: Moving) -> None:
    moving.move("prod", "prod-new", "--auto-approve")
    moving.put(moving.new, "later", "1")
    out, _ = moving.move("prod-new", "prod", "--auto-approve", "--json")
    last = json.loads(out.splitlines()[-1])
    assert last["ok"] and last["values"] == 1
    assert moving.value(moving.old, "later") == 1
    assert moving.fires(moving.old) == {"daily": True, "yearly": True}
    assert moving.fires(moving.new) == {"daily": False, "yearly": False}
    moving.project.write("flows/other.yaml", OTHER)
    moving.flowctl("apply", "prod", "--auto-approve")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("flows/other.yaml", "prod is not settled: 1 object differs"),
        ("environments/prod-new.yaml", "own different namespaces"),
    ],
    ids=["unsettled", "namespaces"],
)
def test_what_would_change_more_than_the_server_is_refused(moving: Moving, change: str, words: str) -> None:
    text = OTHER
    if change.startswith("environments"):
        text = (moving.project.root / change).read_text().replace("namespace: shop", "namespace: shop2")
        moving.project.write("flows2/x.yaml", OTHER.replace("shop", "shop2"))
        text = text.replace("flows: flows", "flows: flows2")
    moving.project.write(change, text)
    out, _ = moving.move("prod", "prod-new", "--auto-approve", code=1)
    assert "P123" in out and words in out
    assert moving.new.request("GET", "/flows/search")["total"] == 0
    assert moving.fires(moving.old) == {"daily": True, "yearly": True}


def test_a_flow_that_is_disabled_on_the_server_is_settled_by_what_the_refusal_says(moving: Moving) -> None:
    source = moving.old.request("GET", "/flows/shop/nightly?source=true")["source"]
    moving.old.request("PUT", "/flows/shop/nightly", source + "disabled: true\n")
    out, _ = moving.move("prod", "prod-new", "--auto-approve", code=1)
    settle = re.search(r"-> flowctl (.*), or flowctl pull prod, and move then", out)
    assert settle is not None and settle[1] == "apply prod --resume shop/nightly"
    moving.flowctl(*settle[1].split(), "--auto-approve")
    moving.move("prod", "prod-new", "--auto-approve")
    words = r"lock: +held by \S+ since \S+ \(id \S+\): this environment was moved to prod-new"
    assert re.search(words, moving.flowctl("status", "prod"))


def test_the_same_server_is_no_target(moving: Moving) -> None:
    moving.project.write("environments/same.yaml", "server: bundled\nflows: flows\nnamespace: shop\n")
    out, _ = moving.move("prod", "same", "--auto-approve", code=1)
    assert "prod and same are on the same server" in out
