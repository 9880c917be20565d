"""Dashboards through Kestra's own client: every call of its dashboards API."""

from __future__ import annotations

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import ApiException
from kestrapy.models.chart_filters_overrides import ChartFiltersOverrides
from kestrapy.models.dashboard_controller_preview_request import DashboardControllerPreviewRequest

from tests.clients.talking import MAIN, source, where

CHART = (
    "id: flows\ntype: io.kestra.plugin.core.dashboard.chart.Table\n"
    "data:\n  type: io.kestra.plugin.core.dashboard.data.Flows\n  columns:\n    id: {field: ID}\n"
)
DASHBOARD = "id: overview\ntitle: Overview\ncharts:\n  - " + CHART.replace("\n", "\n    ").rstrip(" ")


def test_a_dashboard_lives_and_goes(client: KestraClient) -> None:
    api = client.dashboards
    made = api.create_dashboard(MAIN, DASHBOARD)
    assert (made["id"], made["sourceCode"]) == ("overview", DASHBOARD)
    assert api.dashboard("overview", MAIN) == made
    assert api.update_dashboard("overview", MAIN, DASHBOARD.replace("Overview", "Other"))["title"] == "Other"
    assert api.search_dashboards(MAIN, page=1, size=5, q="oth", sort=["title:asc"])["total"] == 1
    assert api.default_dashboards(MAIN) == {}
    api.delete_dashboard("overview", MAIN)
    with pytest.raises(ApiException) as gone:
        api.dashboard("overview", MAIN)
    assert gone.value.status == 404


def test_texts_are_validated(client: KestraClient) -> None:
    assert client.dashboards.validate_dashboard(MAIN, DASHBOARD).constraints is None
    assert client.dashboards.validate_chart(MAIN, CHART).constraints is None
    assert "title" in str(client.dashboards.validate_dashboard(MAIN, "id: x").constraints)


def test_charts_have_data(client: KestraClient) -> None:
    api = client.dashboards
    client.flows.create_flow(MAIN, source("shown", "company.team"))
    api.create_dashboard(MAIN, DASHBOARD.replace("overview", "data"))
    filters = ChartFiltersOverrides(filters=where("namespace", "company.team"))
    request = DashboardControllerPreviewRequest(chart=CHART, global_filter=filters)
    for page in (api.dashboard_chart_data("data", "flows", MAIN, filters), api.preview_chart(MAIN, request)):
        assert (page.total, page.results) == (1, [{"id": "shown"}])
    for text in (api.export_dashboard_chart("data", "flows", MAIN, filters), api.export_chart(MAIN, request, "CSV")):
        assert bytes(text) == b"id\r\nshown\r\n"
