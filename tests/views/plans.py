"""One plan with everything in it, made by the real planning from two sides."""

from __future__ import annotations

from dataclasses import replace

from flowctl.flowtext.digests import kv_digest
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.live import LiveFlow, Verdict
from flowctl.model.plan import Plan
from flowctl.model.project import GitStamp
from flowctl.model.report import ApplyReport, Outcome, Result
from flowctl.planning.build import attach_verdicts, build_plan
from tests.planning.sample import NOW, Content, environment, flow, ledger, live, project, request

HOOK = "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: {key}"
DAILY = 'triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: "{cron}"'
Objects = dict[ObjectKey, Content]

ETL, ETL_OLD = flow("dev", "etl", "load", "store", extra=DAILY.format(cron="0 6 * * *"))
ETL_NEW = (
    ETL_OLD.replace("0 6 * * *", "0 5 * * *")
    .replace(
        "  - id: say2", "  - id: check\n    type: io.kestra.plugin.core.log.Log\n    message: |\n      a\n  - id: say2"
    )
    .replace("message: store", "message: |\n      - store\n      ```\n      @team")
)
HOOKED, HOOKED_OLD = flow("dev", "hooked", "x", extra=HOOK.format(key="old-secret-key"))
HOOKED_NEW = HOOKED_OLD.replace("old-secret-key", "new-secret-key")
COMMENTED, COMMENTED_OLD = flow("dev", "commented", "x")
CALLER, CALLER_TEXT = flow("dev", "caller", ">dev/etl")
LEGACY, LEGACY_TEXT = flow("dev", "legacy", "bye")
OLD_NAME, OLD_NAME_TEXT = flow("dev", "old-name", "1", "2", "3", "4")
NEW_NAME, NEW_NAME_TEXT = flow("dev.team", "new-name", "1", "2", "3", "4")
SAME, SAME_TEXT = flow("dev", "same", "x")
EDITED, EDITED_TEXT = flow("dev", "edited", "git")
STABLE, STABLE_TEXT = flow("dev", "stable", "x")
FOREIGN, FOREIGN_TEXT = flow("dev", "foreign", "x")
GONE = FlowKey("dev", "gone")
FILE, NEW_FILE = FileKey("dev", "/q/report.sql"), FileKey("dev", "/new.csv")
LIMIT, TOKEN = KvKey("dev", "LIMIT"), KvKey("dev", "TOKEN")
SECRET_VALUE = "hunter2-never-to-be-seen"


def full_plan() -> Plan:
    """Every action, drift, notes and warnings; no refusal."""
    desired: Objects = {
        ETL: ETL_NEW,
        HOOKED: HOOKED_NEW,
        COMMENTED: COMMENTED_OLD + "# why\n",
        CALLER: CALLER_TEXT,
        NEW_NAME: NEW_NAME_TEXT,
        SAME: SAME_TEXT,
        EDITED: EDITED_TEXT,
        STABLE: STABLE_TEXT,
        FILE: b"select 2",
        NEW_FILE: b"a,b\n",
        LIMIT: ("NUMBER", 6),
        TOKEN: ("STRING", SECRET_VALUE),
    }
    applied: Objects = {
        ETL: ETL_OLD,
        HOOKED: HOOKED_OLD,
        COMMENTED: COMMENTED_OLD,
        LEGACY: LEGACY_TEXT,
        OLD_NAME: OLD_NAME_TEXT,
        EDITED: EDITED_TEXT,
        STABLE: STABLE_TEXT,
        FILE: b"select 1",
        LIMIT: ("NUMBER", 5),
        TOKEN: ("STRING", "old"),
    }
    existing: Objects = applied | {
        SAME: SAME_TEXT,
        EDITED: EDITED_TEXT.replace("git", "by hand"),
        FOREIGN: FOREIGN_TEXT,
    }
    revisions: dict[ObjectKey, int] = {ETL: 7, EDITED: 4}
    applied_revisions: dict[ObjectKey, int] = {ETL: 7, EDITED: 3}
    state = live(existing, revisions, deleted={CALLER: 2})
    flows = {**state.flows, EDITED: replace(state.flows[EDITED], updated=NOW)}
    assert isinstance(flows[EDITED], LiveFlow)
    owned = ledger(applied | {GONE: "id: gone\n"}, applied_revisions, secret=(TOKEN,))
    asked = request(desired, existing)
    wanted = project(desired, environment(hazards={"H3": "warn"}))
    from_variable = replace(wanted.kv[TOKEN], value=None, env="API_TOKEN", digest=kv_digest("STRING", SECRET_VALUE))
    wanted = replace(
        wanted, kv={**wanted.kv, TOKEN: from_variable}, git=GitStamp("c0ffee" * 6 + "c0ff", "main", dirty=True)
    )
    made = build_plan(replace(asked, project=wanted, live=replace(state, flows=flows, ledger=owned)))
    return attach_verdicts(made, {ETL: Verdict(ETL, warnings=("task store is slow",), deprecations=("tasks[say1]",))})


def refused_plan() -> Plan:
    """A plan with refusals: not ours, refused by the server, still called."""
    caller, caller_text = flow("dev", "caller", ">dev/child")
    child, child_text = flow("dev", "child", "x")
    existing: Objects = {FOREIGN: FOREIGN_TEXT, child: child_text}
    desired: Objects = {FOREIGN: FOREIGN_TEXT.replace("x", "y"), caller: caller_text}
    made = build_plan(request(desired, existing, {child: child_text}))
    return attach_verdicts(made, {caller: Verdict(caller, constraints=("tasks[0].type: must not be null",))})


def empty_plan() -> Plan:
    """Nothing to do."""
    objects: Objects = {STABLE: STABLE_TEXT}
    return build_plan(request(objects, {**objects, FOREIGN: FOREIGN_TEXT}, objects))


def report(plan: Plan, *, failed: bool) -> ApplyReport:
    """How an apply of a plan ended: all well, or one failure and what it kept back."""
    results = []
    for number, change in enumerate(plan.changes):
        before = change.before.revision if change.before is not None else None
        after = (before or 0) + 1 if isinstance(change.key, FlowKey) and change.after is not None else None
        results.append(Result(change.key, change.action, Outcome.APPLIED, before, after, seconds=number / 10))
    if failed:
        error = Diagnostic("S205", "error", "the server answered 500", "PUT /flows/dev/etl", "look at its log")
        results[-2] = Result(results[-2].key, results[-2].action, Outcome.FAILED, 1, None, error, 0.5)
        results[-1] = Result(results[-1].key, results[-1].action, Outcome.NOT_ATTEMPTED, 1)
    return ApplyReport(plan.id, tuple(results), plan.serial + 1)
