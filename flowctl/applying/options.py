"""How a plan is applied."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.applying.process import host_name, this_process, user_name
from flowctl.model.environment import Environment


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What the command line decides, and some times in seconds.

    `single` writes object by object although the server could take a batch; `fail_fast`, `rollback_on_error` and
    `quiet_window` imply it. `quiet_window` holds back flows that fire within so long, or run; None leaves that to the
    plan. `quiet_timeout` is how long to wait for what is held. `lock_timeout` is how long to wait for somebody else's
    lock. `lock_seconds` is how long a lock is good without being renewed. `settle` is the pause before a lock is read
    back on a server without batch. An object is read again right before its write when what is known of it is older
    than `fence_seconds`. `unfinished` says that an apply before was cut short and left triggers or flows on or off that
    are to be put right, also when the plan is empty. The ledger is written at least every `ledger_seconds` while single
    writes go on.
    """

    environment: Environment
    parallelism: int = 8
    single: bool = False
    fail_fast: bool = False
    rollback_on_error: bool = False
    lock_timeout: float = 0.0
    lock_seconds: float = 120.0
    settle: float = 1.0
    fence_seconds: float = 5.0
    ledger_seconds: float = 10.0
    quiet_window: float | None = None
    quiet_timeout: float = 1800.0
    unfinished: bool = False
    owner: str = ""
    host: str = ""
    process: str | None = None

    @property
    def one_by_one(self) -> bool:
        """Whether a batch is out of the question."""
        return self.single or self.fail_fast or self.rollback_on_error or self.quiet_window is not None

    def identified(self) -> ApplyOptions:
        """The same with owner, host and process of this process where they were left open."""
        from dataclasses import replace

        return replace(
            self,
            owner=self.owner or user_name(),
            host=self.host or host_name(),
            process=self.process or this_process(),
        )

    @property
    def by(self) -> str:
        """Who applies, as ledger and history name them."""
        return f"{self.owner}@{self.host}"
