"""GitLab: the plan that was reviewed with the merge request of a commit."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from flowctl.ci.forge import Forge
from flowctl.errors import FlowctlError, UsageError

HINT = "plan and apply it by hand"


def merged_commit(environ: Mapping[str, str]) -> tuple[str, str]:
    """Project and commit that the job runs for.

    Raises:
        UsageError: C142, this is no job of GitLab's.
    """
    project, commit = environ.get("CI_PROJECT_ID"), environ.get("CI_COMMIT_SHA")
    if not project or not commit:
        hint = "run this in a GitLab job, or set CI_PROJECT_ID and CI_COMMIT_SHA"
        raise UsageError.of("C142", "which commit? This is no job of GitLab's", hint=hint)
    return project, commit


def reviewed_plan(forge: Forge, project: str, commit: str, environment: str, job: str) -> tuple[int, bytes]:
    """The number of the merge request that brought a commit, and the plan file that its last pipeline kept.

    `job` is the name of the job that plans, one of a matrix or one by itself. Only a job that went well counts.

    Raises:
        FlowctlError: C145, no merge request or no plan; C141, GitLab says no or does not answer.
    """
    top = f"/projects/{quote(project, safe='')}"
    number = _request_of(forge, f"{top}/repository/commits/{quote(commit, safe='')}/merge_requests", commit)
    pipeline = _pipeline_of(forge.told("GET", f"{top}/merge_requests/{number}"))
    jobs = forge.pages(f"{top}/pipelines/{pipeline}/jobs", {}) if pipeline is not None else ()
    names = (f"{job}: [{environment}]", job)
    for row in jobs:
        if row.get("name") in names and row.get("status") == "success":
            path = f"{top}/jobs/{row['id']}/artifacts/{quote(environment, safe='')}.json"
            return number, forge.ask("GET", path).content
    raise FlowctlError.of("C145", f"merge request {number} has no plan of {environment}", hint=HINT)


def _request_of(forge: Forge, path: str, commit: str) -> int:
    """The merged request that ended in this very commit, whatever the way of merging."""
    ends = ("merge_commit_sha", "squash_commit_sha", "sha")
    for row in forge.pages(path, {}):
        if row.get("state") == "merged" and commit in (row.get(end) for end in ends):
            return int(str(row["iid"]))
    raise FlowctlError.of("C145", f"commit {commit[:12]} came without a merge request", hint=HINT)


def _pipeline_of(request: object) -> int | None:
    """The last pipeline of a merge request; None when it had none."""
    found = request.get("head_pipeline") if isinstance(request, dict) else None
    number = found.get("id") if isinstance(found, dict) else None
    return number if isinstance(number, int) else None
