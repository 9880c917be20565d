"""What Java does with numbers, texts, formats and patterns, where templates show it."""
