"""Routes about executions, their logs, metrics and files."""
