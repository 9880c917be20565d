"""From two environments to a promotion: what is read at the edges, and what is done with the result."""
