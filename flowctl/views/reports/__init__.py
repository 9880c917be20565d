"""How an apply goes on and ends, for people and for programs."""
