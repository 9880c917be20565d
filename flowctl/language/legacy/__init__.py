"""Legacy spellings: the table, and what it takes to turn them into today's."""
