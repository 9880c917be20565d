"""`Plan` ↔ versioned, checksummed JSON."""
