"""The page that a forge shows for a job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LIMIT_BYTES = 1024 * 1024
"""GitHub drops a step's summary past a mebibyte."""


def job_address(environ: Mapping[str, str]) -> str | None:
    """Where the job that runs can be looked at, and its artefacts; None outside of GitHub's and GitLab's jobs."""
    server, repository, run = (environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    return environ.get("CI_JOB_URL") or None


def write_summary(environ: Mapping[str, str], text: str) -> bool:
    """Append to the job's summary; False where there is none, no room for it, or it cannot be written: the comment
    counts."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    data = (text.rstrip("\n") + "\n\n").encode()
    place = Path(path)
    try:
        if (place.stat().st_size if place.exists() else 0) + len(data) > LIMIT_BYTES:
            return False
        with place.open("ab") as file:
            file.write(data)
    except OSError:
        return False
    return True
