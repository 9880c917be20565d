"""What every route uses: requests, answers, problems, access, routing."""
