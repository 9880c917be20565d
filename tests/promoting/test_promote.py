"""`flowctl promote` with the real program, real Git and the real server: what may go, and why not."""

from __future__ import annotations

import json

from tests.promoting.site import DAILY, LOAD, PRODUCTION, Site

FAILING = LOAD.replace("io.kestra.plugin.core.log.Log\n    message: one", "io.kestra.plugin.core.execution.Fail")


def verdicts(found: dict[str, object]) -> dict[str, tuple[str, list[str]]]:
    flows = found["flows"]
    assert isinstance(flows, list)
    return {flow["source"]: (flow["verdict"], flow["reasons"]) for flow in flows}


def test_what_has_run_green_may_go_and_its_plan_is_shown(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    shown = site.promote().out
    assert "production/daily" in shown
    assert "Promotion: 2 to go, 0 equal." in shown
    assert "+ flow production/daily" in shown
    assert site.project.plan("production", "--allow-empty")["changes"] == []
    assert site.git("status", "--porcelain") == ""


def test_what_has_not_run_is_refused_with_the_reason(site: Site) -> None:
    site.prove("staging.jobs/load")
    found = verdicts(site.promoted(code=1))
    assert found["staging.jobs/load"] == ("proven", [])
    assert found["staging/daily"] == ("not proven", ["revision 1 has run green 0 of 1 times"])
    refused = site.promote(code=1)
    assert "P302" in refused.err
    assert "refused, 0 equal; nothing goes while any is refused." in refused.out
    assert "+ flow" not in refused.out


def test_runs_of_an_earlier_revision_prove_nothing(site: Site) -> None:
    site.prove("staging.jobs/load")
    site.project.write("flows/staging/jobs/load.yaml", LOAD.replace("one", "two"))
    site.commit("Say two")
    site.project.apply("staging")
    found = verdicts(site.promoted("--select", "staging.jobs/load", code=1))
    assert found == {"staging.jobs/load": ("not proven", ["revision 2 has run green 0 of 1 times"])}


def test_failures_above_the_share_and_too_few_days_stop_it(site: Site) -> None:
    policy = "policy: {promotion: {runs: 1, days: 2, max_failures: 0.25}}\n"
    site.project.write("environments/production.yaml", PRODUCTION + policy)
    site.project.write("flows/staging/jobs/load.yaml", FAILING)
    site.commit("Fail")
    site.project.apply("staging")
    site.project.flowctl("run", "staging:staging.jobs/load", "--wait", code=1)
    found = verdicts(site.promoted("--select", "staging.jobs/load", code=1))["staging.jobs/load"][1]
    assert found == [
        "revision 1 has run green 0 of 1 times",
        "deployed 0.0 of 2 days ago",
        "1 of 1 runs failed, more than the share of 0.25 that is allowed",
    ]


def test_an_edit_on_the_server_or_in_the_work_tree_is_no_proof(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    source = json.loads(site.project.flowctl("show", "staging:staging.jobs/load", "--json").out)["source"]
    site.project.server().request("PUT", "/flows/staging.jobs/load", source.replace("one", "edited"))
    found = verdicts(site.promoted(code=1))
    edited = "staging runs another text (revision 2) than the file has"
    assert found["staging.jobs/load"][1] == [edited]
    assert found["staging/daily"][1] == [
        f"staging.jobs/load, which tasks[child] names: {edited}",
        "it calls staging.jobs/load, which cannot go",
    ]
    site.project.apply("staging")
    site.project.write("flows/staging/jobs/load.yaml", LOAD + "# unsaved\n")
    site.project.apply("staging")
    site.project.flowctl("run", "staging:staging.jobs/load", "--wait")
    [reason] = verdicts(site.promoted("--select", "*/load", code=1))["staging.jobs/load"][1]
    assert reason == "flows/staging/jobs/load.yaml is not committed as it is"


def test_a_flow_brings_along_what_it_calls(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    found = site.promoted("--select", "production/daily")
    assert [(flow["target"], flow["needed_by"]) for flow in found["flows"]] == [
        ("production/daily", None),
        ("production.jobs/load", "staging/daily"),
    ]


def test_a_flow_does_not_go_without_what_it_calls(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    found = verdicts(site.promoted("--exclude", "*/load", code=1))
    assert found == {
        "staging/daily": (
            "not proven",
            ["it calls staging.jobs/load, which is older or missing in the target and left out"],
        )
    }


def test_a_server_of_the_older_generation_gives_the_same_evidence(site: Site) -> None:
    site.project.write("flowctl.yaml", "dialect: '1.3'\n")
    site.commit("Speak 1.3")
    site.prove("staging.jobs/load")
    [flow] = site.promoted("--select", "*/load")["flows"]
    assert (flow["verdict"], flow["evidence"]["green"]) == ("proven", 1)


def test_somebody_may_take_the_responsibility_and_is_recorded(site: Site) -> None:
    site.project.apply("staging")
    assert "C150" in site.promote("--allow-unproven", "staging/daily", code=64).err
    assert "C152" in site.promote("--allow-unproven", "staging/none", "--reason", "x", code=64).err
    allow = (
        "--allow-unproven",
        "staging/daily",
        "--allow-unproven",
        "staging.jobs/load",
        "--reason",
        "checked by hand",
    )
    shown = site.promote(*allow, "--branch", "go").out
    assert "goes nevertheless: checked by hand" in shown
    record = json.loads(site.git("show", "go:promotions/production.json"))["flows"]["production/daily"]
    assert record["allowed_unproven"] == {
        "reason": "checked by hand",
        "against": ["revision 1 has run green 0 of 1 times"],
    }
    assert "not proven, allowed: checked by hand" in site.git("log", "-1", "--format=%B", "go")


def test_flows_that_must_be_proven_as_well_stop_the_others(site: Site) -> None:
    site.project.write("environments/production.yaml", PRODUCTION + "policy: {promotion: {require: [staging/smoke]}}\n")
    site.project.write("flows/staging/smoke.yaml", LOAD.replace("id: load", "id: smoke"))
    site.commit("Smoke")
    site.prove("staging.jobs/load")
    found = verdicts(site.promoted("--select", "*/load", code=1))
    missing = "staging/smoke, which is required: revision 1 has run green 0 of 1 times"
    assert found == {"staging.jobs/load": ("not proven", [missing])}
    site.project.flowctl("run", "staging:staging/smoke", "--wait")
    assert verdicts(site.promoted("--select", "*/load")) == {"staging.jobs/load": ("proven", [])}


def test_the_target_says_where_it_promotes_from(site: Site) -> None:
    site.project.write("environments/dev.yaml", "server: bundled\nflows: flows/staging\n")
    refused = site.project.flowctl("promote", "dev", "production", code=1)
    assert "P301" in refused.err
    assert "C151" in site.project.flowctl("promote", "staging", "staging", code=64).err


def test_a_promotion_that_is_applied_at_once_is_in_the_files_as_well(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    site.project.write("flows/production/other.yaml", LOAD.replace("id: load", "id: other"))
    assert "C104" in site.promote("--apply", code=1).err
    assert not (site.root / "flows/production/daily.yaml").exists()
    done = site.promote("--apply", "--auto-approve")
    assert "2 added" in done.out + done.err
    assert site.read("flows/production/daily.yaml") == DAILY.replace('"staging.jobs"', '"production.jobs"')
    changes = site.project.plan("production")["changes"]
    assert [change["object"] for change in changes] == ["flow production/other"]


def test_after_a_branch_the_apply_is_stamped_with_its_commit(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    site.promote("--branch", "go", "--apply", "--auto-approve")
    assert not (site.root / "flows/production/daily.yaml").exists()
    site.git("checkout", "--quiet", "go")
    assert site.project.plan("production")["changes"] == []


def test_an_edit_of_a_file_that_is_not_committed_is_not_written_over(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    site.promote("--apply", "--auto-approve")
    site.commit("Promote")
    mine = site.read("flows/production/jobs/load.yaml") + "# mine\n"
    site.project.write("flows/staging/jobs/load.yaml", LOAD.replace("one", "two"))
    site.commit("Say two")
    site.prove("staging.jobs/load")
    site.project.write("flows/production/jobs/load.yaml", mine)
    refused = site.promote("--apply", "--auto-approve", code=1)
    assert "Error [P314] flows/production/jobs/load.yaml is not committed as it is" in refused.err
    assert "Apply" not in refused.out
    assert site.read("flows/production/jobs/load.yaml") == mine
    site.git("checkout", "--quiet", "flows/production")
    assert "Apply complete! 0 added, 1 changed" in site.promote("--apply", "--auto-approve").out


def test_files_that_cannot_be_written_are_written_by_the_next_try(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    site.project.write("flows/production/jobs", "in the way\n")
    said = site.promote("--apply", "--auto-approve", code=1)
    assert "Apply complete! 2 added" in said.out
    assert "Error [C160] cannot write flows/production/jobs/load.yaml" in said.err
    assert "production has it already: make room, then promote again" in said.err
    (site.root / "flows/production/jobs").unlink()
    again = site.promote("--apply", "--auto-approve")
    assert "No changes." in again.out
    assert site.project.plan("production")["changes"] == []


def test_many_flows_that_are_not_proven_are_folded(site: Site) -> None:
    for number in range(20):
        site.project.write(f"flows/staging/many/f{number}.yaml", LOAD.replace("id: load", f"id: f{number}"))
    site.commit("Many")
    site.project.apply("staging")
    refused = site.promote("--select", "staging.many", code=1)
    assert refused.out.count("because revision 1 has run green 0 of 1 times") == 20
    assert refused.err.count("is not proven in staging") == 10
    assert "Error [P302] 10 more flows are not proven in staging" in refused.err
    assert len(json.loads(site.promote("--select", "staging.many", "--json", code=1).out)["problems"]) == 20
