"""Which forge a job runs on, and what `flowctl ci` does there."""
