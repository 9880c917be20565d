from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from flowctl.ci import github, gitlab
from flowctl.ci.forge import keep, withdraw
from flowctl.ci.notes import LIMIT, Note, marker, ours
from flowctl.ci.summary import LIMIT_BYTES, write_summary
from flowctl.errors import FlowctlError, UsageError
from tests.ci.forges import GitHub, GitLab

MARK = marker("plan", "staging")
HUB = {"GITHUB_TOKEN": "secret-token", "GITHUB_REPOSITORY": "me/flows"}
LAB = {
    "GITLAB_TOKEN": "secret-token",
    "CI_API_V4_URL": "https://gitlab.example/api/v4",
    "CI_PROJECT_ID": "group/flows",
    "CI_MERGE_REQUEST_IID": "7",
}


@pytest.fixture
def hub() -> GitHub:
    return GitHub()


def comments(hub: GitHub, number: int = 7) -> github.PullRequestComments:
    return github.PullRequestComments(github.forge_of(HUB, hub.transport()), "me/flows", number)


def test_a_comment_is_written_once_and_then_replaced(hub: GitHub) -> None:
    hub.add("comments/7", {"body": f"look at `{MARK}`"})
    first = keep(comments(hub), MARK, "one change")
    assert first == "https://github.example/me/flows/pull/7#issuecomment-2"
    keep(comments(hub), MARK, "two changes")
    keep(comments(hub), MARK, "two changes")
    assert [row["body"] for row in hub.rows["comments/7"]] == [f"look at `{MARK}`", f"{MARK}\ntwo changes"]
    assert hub.writes() == [
        ("POST", "/repos/me/flows/issues/7/comments"),
        ("PATCH", "/repos/me/flows/issues/comments/2"),
    ]


def test_it_is_found_behind_many_others(hub: GitHub) -> None:
    for number in range(250):
        hub.add("comments/7", {"body": f"remark {number}"})
    keep(comments(hub), MARK, "plan")
    keep(comments(hub), MARK, "other plan")
    assert len(hub.rows["comments/7"]) == 251


def test_each_environment_has_its_own(hub: GitHub) -> None:
    for environment in ("staging", "production", "staging"):
        keep(comments(hub), marker("plan", environment), environment)
    assert len(hub.rows["comments/7"]) == 2


def test_nothing_is_created_where_that_is_not_wanted(hub: GitHub) -> None:
    assert keep(comments(hub), MARK, "nothing to do", create=False) is None
    assert hub.writes() == []


def test_plans_of_environments_that_a_request_no_longer_touches_are_withdrawn_once(hub: GitHub) -> None:
    for environment in ("dev", "staging", "gone"):
        keep(comments(hub), marker("plan", environment), f"plan of {environment}")
    keep(comments(hub), marker("apply", "staging"), "was not changed")
    hub.add("comments/7", {"body": f"look at `{MARK}`"})
    hub.requests.clear()
    assert withdraw(comments(hub), {"dev"}) == ["staging", "gone"]
    assert withdraw(comments(hub), {"dev"}) == []
    assert len(hub.writes()) == 2
    dev, staging, gone, apply, quoting = (str(row["body"]) for row in hub.rows["comments/7"])
    assert dev.endswith("plan of dev") and apply.endswith("was not changed") and quoting == f"look at `{MARK}`"
    assert staging.startswith(f"{MARK}\n## flowctl plan for `staging`\n") and "no longer changes" in staging
    assert "plan of gone" not in gone
    keep(comments(hub), MARK, "touched again")
    assert len(hub.rows["comments/7"]) == 5


def test_a_body_that_is_too_long_is_never_sent(hub: GitHub) -> None:
    with pytest.raises(ValueError, match="at most 65536"):
        keep(comments(hub), MARK, "x" * LIMIT)
    assert hub.requests == []


def test_an_issue_is_opened_updated_and_closed(hub: GitHub) -> None:
    place = github.Issues(github.forge_of(HUB, hub.transport()), "me/flows", "Drift on staging")
    keep(place, MARK, "flow a")
    keep(place, MARK, "flow a and b")
    [issue] = hub.rows["issues"]
    assert (issue["title"], issue["body"], issue["state"]) == ("Drift on staging", f"{MARK}\nflow a and b", "open")
    found = ours(place.all(), MARK)
    assert found is not None
    place.close(found, "gone")
    assert (issue["state"], ours(place.all(), MARK)) == ("closed", None)


def test_gitlab_notes_are_kept_the_same_way() -> None:
    lab = GitLab()
    lab.add("7", {"system": True, "body": f"{MARK} mentioned"})
    project, number = gitlab.merge_request_of(LAB, None)
    notes = gitlab.MergeRequestNotes(gitlab.forge_of(LAB, lab.transport()), project, number)
    keep(notes, MARK, "one")
    keep(notes, MARK, "two")
    assert withdraw(notes, {"staging"}) == []
    assert [row["body"] for row in lab.rows["7"]] == [f"{MARK} mentioned", f"{MARK}\ntwo"]


def test_a_refusal_names_request_and_answer_but_not_the_token() -> None:
    wrong = github.forge_of({**HUB, "GITHUB_TOKEN": "other-token"}, GitHub().transport())
    with pytest.raises(FlowctlError) as caught:
        keep(github.PullRequestComments(wrong, "me/flows", 7), MARK, "x")
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, "401: Bad credentials" in diagnostic.detail) == ("C141", True)
    assert "other-token" not in str(diagnostic)


@pytest.mark.parametrize(
    ("event", "number"),
    [('{"pull_request": {"number": 12}}', 12), ('{"issue": {"number": 3}}', 3)],
)
def test_the_pull_request_is_that_of_the_event(tmp_path: Path, event: str, number: int) -> None:
    path = tmp_path / "event.json"
    path.write_text(event)
    assert github.pull_request_of({"GITHUB_EVENT_PATH": str(path)}, None) == number
    assert github.pull_request_of({"GITHUB_EVENT_PATH": str(path)}, 99) == 99


@pytest.mark.parametrize("environ", [{}, {"GITHUB_EVENT_PATH": "/nowhere"}])
def test_without_an_event_it_must_be_named(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="which pull request"):
        github.pull_request_of(environ, None)


def test_what_a_job_lacks_is_said() -> None:
    for problem in (
        lambda: github.forge_of({}),
        lambda: github.repository_of({}),
        lambda: gitlab.forge_of({}),
        lambda: gitlab.forge_of({"GITLAB_TOKEN": "x"}),
        lambda: gitlab.merge_request_of({}, None),
    ):
        with pytest.raises(UsageError) as caught:
            problem()
        assert caught.value.diagnostics[0].code == "C142"
        assert caught.value.diagnostics[0].hint


def test_only_a_note_that_begins_with_the_marker_is_ours() -> None:
    assert ours([Note("1", f"> {MARK}"), Note("2", f"{MARK}\nx")], MARK) == Note("2", f"{MARK}\nx")


def test_the_summary_is_appended_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    environ = {"GITHUB_STEP_SUMMARY": str(path)}
    assert write_summary(environ, "one\n")
    assert write_summary(environ, "two")
    assert path.read_text() == "one\n\ntwo\n\n"
    assert not write_summary(environ, "x" * LIMIT_BYTES)
    assert not write_summary({}, "nowhere")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            httpx.Response(200, text="<p>login</p>", headers={"Content-Type": "text/html"}),
            "200 with text/html, not JSON",
        ),
        (httpx.Response(200, json={"message": "hello"}), "a list was expected, found dict"),
    ],
    ids=["page", "object"],
)
def test_what_is_no_answer_of_a_forge_is_said(answer: httpx.Response, said: str) -> None:
    forge = github.forge_of(HUB, httpx.MockTransport(lambda request: answer))
    with pytest.raises(FlowctlError) as caught:
        keep(github.PullRequestComments(forge, "me/flows", 7), MARK, "text")
    assert caught.value.diagnostics[0].code == "C141"
    assert said in caught.value.diagnostics[0].detail


def test_an_answer_without_an_address_is_said() -> None:
    forge = github.forge_of(HUB, httpx.MockTransport(lambda request: httpx.Response(200, json=[])))
    with pytest.raises(FlowctlError) as caught:
        keep(github.PullRequestComments(forge, "me/flows", 7), MARK, "text")
    assert "an answer without `html_url`" in caught.value.diagnostics[0].detail


@pytest.mark.parametrize("address", ["http://[::1", "nonsense"])
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(FlowctlError) as caught:
        keep(github.PullRequestComments(github.forge_of({**HUB, "GITHUB_API_URL": address}), "me/flows", 7), MARK, "")
    assert caught.value.diagnostics[0].code == "C141"


def test_a_proxy_without_a_sound_address_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "garbage://ann:hunter2@x")
    with pytest.raises(FlowctlError) as caught:
        github.forge_of(HUB)
    assert (caught.value.diagnostics[0].code, "hunter2" in str(caught.value.diagnostics)) == ("C141", False)


@pytest.mark.parametrize("event", ["{", "[]", '{"pull_request": 7}'], ids=["cut", "list", "number"])
def test_an_event_that_names_no_pull_request(event: str, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(event)
    with pytest.raises(UsageError) as caught:
        github.pull_request_of({"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}, None)
    assert caught.value.diagnostics[0].code == "C142"


def test_a_summary_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    assert not write_summary({"GITHUB_STEP_SUMMARY": str(tmp_path / "none/summary.md")}, "text")


def test_a_merge_request_that_is_no_number() -> None:
    with pytest.raises(UsageError):
        gitlab.merge_request_of({**LAB, "CI_MERGE_REQUEST_IID": "x"}, None)
