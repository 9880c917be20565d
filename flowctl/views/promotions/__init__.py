"""A promotion for a terminal, for programs, and as the text of its pull request."""
