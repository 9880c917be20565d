"""What speaks against a plan as a whole: its guards, and what the target server thinks of its flows."""
