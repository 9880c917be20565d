"""Plans made, saved, shown and applied: what the commands that have a plan have in common."""
