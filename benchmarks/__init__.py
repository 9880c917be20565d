"""Measurements of flowctl: `python -m benchmarks` runs them all and prints medians with minimum and maximum."""
