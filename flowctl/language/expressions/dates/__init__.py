"""Dates as Java formats and reads them."""
