"""The plan that was reviewed on GitLab is that of the merge request's last pipeline."""

from __future__ import annotations

import pytest

from flowctl.ci.gitlab import forge_of
from flowctl.ci.gitlab_plans import reviewed_plan
from flowctl.errors import FlowctlError
from tests.ci.forges import GitLab

JOB = {"GITLAB_TOKEN": "secret-token", "CI_API_V4_URL": "https://gitlab.example/api/v4"}
COMMIT = "c" * 40


@pytest.fixture
def lab() -> GitLab:
    """Merge request 7, merged as COMMIT after its pipeline 70 had planned staging and production."""
    made = GitLab()
    other = {"iid": 5, "state": "opened", "sha": COMMIT, "merge_commit_sha": None, "squash_commit_sha": None}
    merged = {"iid": 7, "state": "merged", "sha": "a" * 40, "merge_commit_sha": COMMIT, "squash_commit_sha": None}
    made.rows["requests"] = [other, {**merged, "head_pipeline": {"id": 70}}]
    made.rows["jobs/70"] = [
        {"id": 700, "name": "lint", "status": "success"},
        {"id": 701, "name": "plan: [staging]", "status": "success"},
        {"id": 702, "name": "plan: [production]", "status": "failed"},
    ]
    made.files["701/staging.json"] = b"the plan"
    return made


def fetch(lab: GitLab, environment: str = "staging", commit: str = COMMIT) -> tuple[int, bytes]:
    return reviewed_plan(forge_of(JOB, lab.transport()), "group/flows", commit, environment, "plan")


def test_it_is_fetched_with_the_number_of_the_request(lab: GitLab) -> None:
    assert fetch(lab) == (7, b"the plan")
    assert lab.writes() == []


@pytest.mark.parametrize("place", ["merge_commit_sha", "squash_commit_sha", "sha"])
def test_a_commit_is_merged_squashed_or_fast_forwarded(lab: GitLab, place: str) -> None:
    merged = lab.rows["requests"][1]
    merged.update({"merge_commit_sha": None, "sha": "b" * 40, place: COMMIT})
    assert fetch(lab)[0] == 7


@pytest.mark.parametrize(
    ("commit", "environment", "said"),
    [
        ("d" * 40, "staging", "came without a merge request"),
        (COMMIT, "production", "has no plan of production"),
        (COMMIT, "dev", "has no plan of dev"),
    ],
)
def test_without_a_reviewed_plan_there_is_none(lab: GitLab, commit: str, environment: str, said: str) -> None:
    with pytest.raises(FlowctlError, match=said) as caught:
        fetch(lab, environment, commit)
    assert caught.value.diagnostics[0].code == "C145"


def test_a_request_that_was_merged_without_a_pipeline_has_none(lab: GitLab) -> None:
    lab.rows["requests"][1]["head_pipeline"] = None
    with pytest.raises(FlowctlError, match="has no plan of staging"):
        fetch(lab)


def test_an_artefact_that_has_expired_is_an_error(lab: GitLab) -> None:
    lab.files.clear()
    with pytest.raises(FlowctlError) as caught:
        fetch(lab)
    assert "404" in caught.value.diagnostics[0].detail
