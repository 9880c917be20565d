"""Comments on pull and merge requests, job summaries."""
