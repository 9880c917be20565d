"""What stays different in the target, what is shared, and what the target lacks: real program, Git and server."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.promoting.site import DAILY, LOAD, PRODUCTION, STAGING, Site

USER = """\
id: user
tasks:
  - id: script
    type: io.kestra.plugin.core.debug.Return
    format: "{{ secret('DB_PASSWORD') }} {{ kv('colour') }} {{ read('query.sql') }} {{ read('lost.sql') }}"
  - id: elsewhere
    type: io.kestra.plugin.core.flow.Subflow
    namespace: shared
    flowId: notify
  - id: dynamic
    type: io.kestra.plugin.core.flow.Subflow
    namespace: "{{ flow.namespace }}"
    flowId: "{{ inputs.name }}"
inputs:
  - id: name
    type: STRING
    defaults: any
"""
UNCHECKED = STAGING + "policy: {hazards: {H21: off, H24: off}}\n"
ALLOW = ("--allow-unproven", "staging/user", "--reason", "for the test")


def test_what_is_deliberately_different_in_the_target_stays_and_is_shown(site: Site) -> None:
    overrides = (
        "overrides:\n"
        '  production/daily/triggers[night].cron: "30 4 * * *"\n'
        "  production/daily/triggers[night].disabled: true\n"
        "  production.jobs/load/labels: {team: ops}\n"
    )
    site.project.write("environments/production.yaml", PRODUCTION + overrides)
    site.commit("Overrides")
    site.prove("staging/daily", "staging.jobs/load")
    shown = site.promote("--branch", "go").out
    assert 'kept in the target: triggers[night].cron = "30 4 * * *" (source: "0 3 * * *")' in shown
    expected = DAILY.replace('"staging.jobs"', '"production.jobs"').replace(
        'cron: "0 3 * * *"\n', 'cron: "30 4 * * *"\n    disabled: true\n'
    )
    assert site.git("show", "go:flows/production/daily.yaml") == expected
    assert site.git("show", "go:flows/production/jobs/load.yaml") == LOAD + 'labels: {"team": "ops"}\n'
    site.git("checkout", "--quiet", "go")
    assert site.promoted()["flows"] == []


def test_an_override_of_a_flow_that_nobody_has_is_said(site: Site) -> None:
    overrides = "overrides: {production/dayly/disabled: true, production.jobs/load/disabled: true}\n"
    site.project.write("environments/production.yaml", PRODUCTION + overrides)
    site.commit("Overrides")
    site.prove("staging.jobs/load")
    said = site.promote("--select", "*/load").err
    assert said.count("Note:") == 1
    assert "neither environment has the flow of the override production/dayly/disabled in production.yaml" in said


def test_a_selection_that_matches_no_flow_is_said(site: Site) -> None:
    site.prove("staging.jobs/load")
    said = site.promote("--select", "*/load", "--select", "production.jobs", "--select", "staging/dayly").err
    assert said.count("Note:") == 1
    assert "Note: --select staging/dayly matches no flow of staging." in said


def test_an_override_without_a_place_is_said(site: Site) -> None:
    line = "overrides: {'production/daily/triggers[noon].cron': '0 12 * * *'}\n"
    site.project.write("environments/production.yaml", PRODUCTION + line)
    site.commit("Override")
    site.prove("staging/daily", "staging.jobs/load")
    refused = site.promote(code=1).err
    assert "P304" in refused
    assert "there is no triggers[noon]" in refused


def test_in_a_shared_directory_a_pin_moves_and_no_text(site: Site) -> None:
    site.project.write("flows/common/load.yaml", LOAD)
    site.git("rm", "-q", "-r", "flows/staging")
    site.project.write("environments/staging.yaml", STAGING.replace("flows/staging", "flows/common"))
    site.project.write("environments/production.yaml", PRODUCTION.replace("flows/production", "flows/common"))
    site.commit("Share")
    site.project.apply("production")
    first = json.loads(site.project.flowctl("show", "production:production/load", "--json").out)
    pinned = PRODUCTION.replace("flows/production", "flows/common") + (
        f"pins:\n  # held until proven\n  production/load: {first['digest'][:16]}\n"
    )
    site.project.write("environments/production.yaml", pinned)
    site.project.write("flows/common/load.yaml", LOAD.replace("one", "two"))
    site.commit("Say two, pinned in production")
    assert site.project.plan("production")["changes"] == []
    site.prove("staging/load")
    found = site.promoted("--branch", "go")
    assert [(flow["target"], flow["change"]) for flow in found["flows"]] == [("production/load", "pin")]
    changed = site.git("diff", "--name-only", "main", "go").split()
    assert changed == ["environments/production.yaml", "promotions/production.json"]
    digest = found["flows"][0]["digest"]
    assert site.git("show", "go:environments/production.yaml") == pinned.replace(first["digest"][:16], digest)
    site.git("checkout", "--quiet", "go")
    site.project.apply("production")
    live = json.loads(site.project.flowctl("show", "production:production/load", "--json").out)
    assert (live["digest"], "message: two" in live["source"]) == (digest, True)


def test_what_the_target_lacks_stands_in_one_list_with_the_command_for_each(site: Site) -> None:
    site.project.write("environments/staging.yaml", UNCHECKED)
    site.project.write("flows/staging/user.yaml", USER)
    site.project.write("flows/staging/_kv.yaml", "colour: blue\n")
    site.project.write("flows/staging/_files/query.sql", "select 1\n")
    site.commit("Use things")
    site.project.apply("staging")
    found = site.promoted("--select", "staging/user", *ALLOW, code=1)
    needs = {(need["kind"], need["name"]): (need["state"], need["command"]) for need in found["needs"]}
    assert needs == {
        ("secret", "production:DB_PASSWORD"): (
            "missing",
            "flowctl secrets set DB_PASSWORD -n production -e production",
        ),
        ("kv", "production:colour"): (
            "missing",
            "add `colour: VALUE` (a STRING in staging) to flows/production/_kv.yaml",
        ),
        ("file", "production:/lost.sql"): ("missing", "add the file /lost.sql to `_files` of production"),
        ("subflow", "shared/notify"): ("missing", "deploy shared/notify to the server of production first"),
        ("subflow", "production/{{ inputs.name }}"): ("not checkable", "tasks[dynamic] computes the name"),
    }
    assert [(file["file"], file["path"]) for file in found["files"]] == [
        ("production:/query.sql", "flows/production/_files/query.sql")
    ]
    refused = site.promote("--select", "staging/user", *ALLOW, "--apply", "--auto-approve", code=1).err
    assert refused.count("[P307]") == 4


def test_what_was_lacking_can_be_added_with_these_commands(site: Site) -> None:
    site.project.write("environments/staging.yaml", UNCHECKED)
    text = USER.replace(" {{ read('lost.sql') }}", "")
    site.project.write("flows/staging/user.yaml", text[: text.index("  - id: elsewhere")] + "\n")
    site.project.write("flows/staging/_kv.yaml", "colour: blue\n")
    site.project.write("flows/staging/_files/query.sql", "select 1\n")
    site.project.write("flows/production/_kv.yaml", "colour: 3\n")
    site.commit("Use things")
    site.project.apply("staging")
    [secret, value] = site.promoted("--select", "staging/user", *ALLOW, code=1)["needs"]
    assert value["name"] == "production:colour as STRING"
    assert "it is a NUMBER" in value["command"]
    site.project.write("flows/production/_kv.yaml", "colour: red\n")
    site.commit("Red")
    command = [sys.executable, "-m", *secret["command"].split()]
    assert subprocess.run(command, cwd=site.root, input="x\n", text=True, check=False).returncode == 0
    shown = site.promote("--select", "staging/user", *ALLOW).out
    assert "from flows/production/user.yaml" in shown and "from flows/production/_files/query.sql" in shown
    assert "flows/staging" not in shown, "the plan names a file by where it will be, as it does a flow"
    assert site.promoted("--select", "staging/user", *ALLOW, "--branch", "go")["needs"] == []
    assert site.git("show", "go:flows/production/_files/query.sql") == "select 1\n"


def test_a_promoted_flow_that_still_names_the_source_is_shown(site: Site) -> None:
    site.project.write("flows/staging/jobs/load.yaml", LOAD.replace("one", "https://staging.example.com/x"))
    site.commit("Name a host")
    site.prove("staging.jobs/load")
    shown = site.promote("--select", "*/load").out
    place = "line 5 of flows/production/jobs/load.yaml"
    assert f"still names the source, {place}: message: https://staging.example.com/x" in shown


def test_a_promotion_shows_no_secret(site: Site) -> None:
    hook = "triggers:\n  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: KEY-OF-STAGING}\n"
    named = LOAD.replace("one", "https://me:PASSWORD@staging.example.com/x") + hook
    site.project.write("flows/staging/jobs/load.yaml", named)
    overrides = "overrides: {'production.jobs/load/triggers[w].key': KEY-OF-PRODUCTION}\n"
    site.project.write("environments/production.yaml", PRODUCTION + overrides)
    site.commit("Hook")
    site.prove("staging.jobs/load")
    chosen = ("--select", "*/load")
    shown = [
        site.promote(*chosen).out,
        site.promote(*chosen, "--json").out,
        site.promote(*chosen, "--branch", "go").out,
    ]
    assert 'kept in the target: triggers[w].key = "******" (source: "******")' in shown[0]
    assert "message: https://me:******@staging.example.com/x" in shown[0]
    shown.append(site.git("show", "--no-patch", "go"))
    assert not [word for word in ("KEY-OF", "PASSWORD") if any(word in one for one in shown)]
    assert "key: KEY-OF-PRODUCTION" in site.git("show", "go:flows/production/jobs/load.yaml")
