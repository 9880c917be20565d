"""What every listing uses: filters, pages, sorting."""
