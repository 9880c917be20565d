"""Which forge a promotion's pull request goes to: as the job says, else as the remote does, else none."""

from __future__ import annotations

import pytest

from flowctl.cli.forges.choosing import forge_of_remote
from flowctl.errors import UsageError

LAB = "git@gitlab.com:group/flows.git"
HUB = "https://github.com/me/flows.git"


@pytest.mark.parametrize(
    ("environ", "remote", "expected"),
    [
        ({"GITHUB_ACTIONS": "true"}, LAB, "github"),
        ({"GITLAB_CI": "true"}, HUB, "gitlab"),
        ({"GITHUB_ACTIONS": "true", "CI_API_V4_URL": "https://x/api/v4"}, LAB, "github"),
        ({"GITLAB_CI": "true", "GITHUB_REPOSITORY": "me/flows"}, HUB, "gitlab"),
        ({"GITHUB_API_URL": "https://hub.example/api/v3"}, "/srv/flows.git", "github"),
        ({"GITHUB_REPOSITORY": "me/flows"}, "/srv/flows.git", "github"),
        ({"CI_API_V4_URL": "https://x/api/v4"}, "ssh://git@code.example/group/flows", "gitlab"),
        ({}, HUB, "github"),
        ({}, "git@github.com:me/flows.git", "github"),
        ({}, "ssh://git@github.com/me/flows", "github"),
    ],
)
def test_the_job_says_it_and_else_the_remote(environ: dict[str, str], remote: str, expected: str) -> None:
    assert forge_of_remote(environ, remote) == (expected, environ)


@pytest.mark.parametrize(
    ("remote", "host"),
    [
        (LAB, "gitlab.com"),
        ("https://oauth2:secret-token@gitlab.example.com/group/flows", "gitlab.example.com"),
        ("ssh://git@gitlab.example.com:2222/group/flows", "gitlab.example.com"),
    ],
)
def test_the_api_of_a_gitlab_is_that_of_the_remotes_host(remote: str, host: str) -> None:
    assert forge_of_remote({"A": "b"}, remote) == ("gitlab", {"A": "b", "CI_API_V4_URL": f"https://{host}/api/v4"})


@pytest.mark.parametrize("remote", ["https://code.example/group/flows", "/srv/gitlab/flows.git", "../flows", "", "x:y"])
def test_nobody_gets_a_token_on_a_guess(remote: str) -> None:
    with pytest.raises(UsageError) as error:
        forge_of_remote({"GITHUB_TOKEN": "t"}, remote)
    assert error.value.diagnostics[0].code == "C142"


def test_credentials_of_a_remote_are_not_shown() -> None:
    with pytest.raises(UsageError) as error:
        forge_of_remote({}, "https://ann:hunter2@code.example/group/flows")
    assert "hunter2" not in str(error.value.diagnostics)
    assert "code.example" in error.value.diagnostics[0].summary
