"""Values → text, JSON, Markdown. No decisions."""
