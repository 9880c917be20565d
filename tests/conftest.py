"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run, whatever else the machine does meanwhile: how long one takes says nothing here.
settings.register_profile("flowctl", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("flowctl")
