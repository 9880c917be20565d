"""The flow language itself, pure: expressions, cron and durations, types and their properties, references."""
