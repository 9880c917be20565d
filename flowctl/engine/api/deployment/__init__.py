"""Routes of our own that a plan reads and an apply writes."""
