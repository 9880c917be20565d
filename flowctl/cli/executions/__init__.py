"""Starting flows and following executions, for `run` and `logs`."""
