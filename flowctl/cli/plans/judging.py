"""The target's opinion of the flows that would be written, asked for while the plan is still being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Thread

from flowctl.model.keys import FlowKey
from flowctl.model.live import Verdict
from flowctl.model.project import Project
from flowctl.remote.port import Server

WORTH_ASKING_AHEAD = 100
"""So many flows keep a server busy for longer than it takes to start a thread."""

Text = tuple[FlowKey, str]


class Judge:
    """Asks one request of a server, or none. What was asked ahead counts when it turns out to be what is needed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._asked: tuple[Text, ...] = ()
        self._thread: Thread | None = None
        self._verdicts: Sequence[Verdict] | None = None

    def ask_ahead(self, project: Project, flows: Sequence[FlowKey]) -> None:
        """Begin to ask for the flows that differ, where they are many."""
        asked = tuple((key, project.flows[key].source) for key in sorted(flows) if key in project.flows)
        if len(asked) >= WORTH_ASKING_AHEAD:
            self._asked = asked
            self._thread = Thread(target=self._ask, name="flowctl-judge", daemon=True)
            self._thread.start()

    def verdicts(self, flows: Sequence[Text]) -> Mapping[FlowKey, Verdict]:
        """The verdict of each of these flows: everything that would be written."""
        found = self._answer() if set(flows) <= set(self._asked) else None
        if found is None and flows:
            found = self._server.validate(flows)
        wanted = {key for key, _ in flows}
        return {verdict.key: verdict for verdict in found or () if verdict.key in wanted}

    def _ask(self) -> None:
        from flowctl.errors import FlowctlError

        try:
            self._verdicts = self._server.validate(self._asked)
        except FlowctlError:
            self._verdicts = None  # it is asked again, and what is wrong is said then

    def _answer(self) -> Sequence[Verdict] | None:
        if self._thread is not None:
            self._thread.join()
        return self._verdicts
