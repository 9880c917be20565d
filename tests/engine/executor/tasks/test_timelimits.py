"""`timeout` and other durations that come out of expressions, with the real executor."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

RETURN = "type: io.kestra.plugin.core.debug.Return, format: x"
SLEEP = "type: io.kestra.plugin.core.flow.Sleep"


@pytest.mark.parametrize(
    ("limit", "state"),
    [
        ("PT0S", "FAILED"),
        ("-PT1S", "FAILED"),
        ("0", "FAILED"),
        ("{{ 'zz' }}", "FAILED"),
        ("", "SUCCESS"),
        ("{{ null }}", "SUCCESS"),
        ("{{ 5 }}", "SUCCESS"),
        ("7.5", "SUCCESS"),
        ("P1D", "SUCCESS"),
    ],
)
def test_a_limit_is_positive_or_blank_and_a_bare_number_counts_seconds(running: Engine, limit: str, state: str) -> None:
    ended = running.run(flow(f'  - {{id: a, {RETURN}, timeout: "{limit}"}}\n'))
    assert states(ended) == {"a": state}


def test_a_bare_number_limits_a_sleep_and_is_its_length(running: Engine) -> None:
    long = f'  - {{id: long, {SLEEP}, duration: "{{{{ 3600 }}}}", timeout: "{{{{ 0.01 }}}}", allowFailure: true}}\n'
    ended = running.run(flow(long + f'  - {{id: short, {SLEEP}, duration: "{{{{ 0.01 }}}}"}}\n'))
    assert states(ended) == {"long": "WARNING", "short": "SUCCESS"}
