"""What comes next for an execution: pure functions over its records."""
