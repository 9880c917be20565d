"""Requests to one server: its address, credentials, TLS and proxies, what is sent again, and what failures mean."""
