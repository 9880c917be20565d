"""Dashboards: their texts, and the data of their charts."""
