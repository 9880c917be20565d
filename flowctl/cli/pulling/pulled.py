"""What one pull takes from a server, and taking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowctl.cli.plans.prepare import Planned
from flowctl.cli.pulling.file_edits import FileEdit, write_edits
from flowctl.cli.pulling.file_names import Renamed
from flowctl.cli.pulling.puller import LeftOut, Puller, PullOptions
from flowctl.cli.pulling.readers import only_committed, other_readers
from flowctl.loading.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Pulled:
    """The files that change, and what is left out. `renamed` are flows whose file has another name, `also_read_by` the
    other environments that read changed files, `unmanaged` is the number of objects that nobody asked about."""

    environment: str
    edits: tuple[FileEdit, ...]
    left_out: tuple[LeftOut, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    also_read_by: Mapping[str, Sequence[str]] | None = None
    unmanaged: int = 0


def look(workspace: Workspace, planned: Planned, options: PullOptions, *, committed: bool) -> Pulled:
    """What there is to take; with `committed` only into files that are as the last commit has them."""
    puller = Puller(workspace, planned, options)
    puller.collect()
    edits, left_out = list(puller.edits.values()), list(puller.left_out)
    if committed:
        edits, more = only_committed(workspace, edits)
        left_out += more
    name = planned.plan.environment
    return Pulled(
        name,
        tuple(edits),
        tuple(left_out),
        tuple(puller.names.renamed),
        other_readers(workspace, name, edits),
        0 if options.every else planned.plan.counts.unmanaged,
    )


def take(workspace: Workspace, pulled: Pulled, branch: str | None) -> str | None:
    """Write the files, or commit them to a new branch, whose commit is returned.

    Raises:
        FlowctlError: C160, a file cannot be written; F510, there is such a branch.
    """
    if branch is None:
        write_edits(workspace, pulled.edits)
        return None
    from flowctl.loading.repository.branching import commit_on_branch

    count = len(pulled.edits)
    message = f"Take {count} edit{'s' * (count != 1)} of {pulled.environment} from its server"
    return commit_on_branch(workspace.root, branch, {edit.path: edit.after for edit in pulled.edits}, message)
