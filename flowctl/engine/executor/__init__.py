"""Running flows: decisions are pure and recorded in one transaction, tasks run outside any transaction."""
