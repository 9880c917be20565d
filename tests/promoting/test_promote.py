"""`flowctl promote` with the real program, real Git and the real server."""

from __future__ import annotations

from tests.promoting.site import Site


def test_what_has_run_green_may_go_and_its_plan_is_shown(site: Site) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    shown = site.promote().out
    assert "production/daily" in shown
    assert "2 to go" in shown
    assert "+ flow production/daily" in shown
    assert site.project.plan("production", "--allow-empty")["changes"] == []


def test_what_has_not_run_is_refused_with_the_reason(site: Site) -> None:
    site.prove("staging.jobs/load")
    found = site.promoted(code=1)
    verdicts = {flow["source"]: (flow["verdict"], flow["reasons"]) for flow in found["flows"]}
    assert verdicts["staging.jobs/load"] == ("proven", [])
    assert verdicts["staging/daily"] == ("not proven", ["revision 1 has run green 0 of 1 times"])
