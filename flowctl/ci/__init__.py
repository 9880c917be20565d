"""flowctl in continuous integration: one comment per environment kept up to date, issues about drift, job summaries."""
