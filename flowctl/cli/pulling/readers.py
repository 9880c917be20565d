"""What a pull has to look at besides the files it changes: the last commit, and who else reads them."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.cli.pulling.puller import LeftOut
from flowctl.errors import ProjectError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.repository.git import text_at
from flowctl.loading.workspace import Workspace


def only_committed(workspace: Workspace, edits: Sequence[FileEdit]) -> tuple[list[FileEdit], list[LeftOut]]:
    """The edits of files that are as the last commit has them: a commit holds what the server has and nothing else."""
    kept = [edit for edit in edits if text_at(workspace.root, "HEAD", edit.path) == edit.before]
    reason = "{} is not committed as it is: commit it first, or pull without --branch"
    left = [LeftOut(key, reason.format(edit.path)) for edit in edits if edit not in kept for key in edit.keys]
    return kept, left


def other_readers(workspace: Workspace, name: str, edits: Sequence[FileEdit]) -> dict[str, list[str]]:
    """The other environments whose directories hold changed files, with these files; unsound ones are left out."""
    found = {}
    for other in workspace.environment_names():
        try:
            layers = load_environment(workspace, other).layers if other != name else ()
        except ProjectError:
            continue
        paths = [edit.path for edit in edits]
        shared = [path for path in paths if any((workspace.root / path).is_relative_to(layer) for layer in layers)]
        if shared:
            found[other] = shared
    return found
