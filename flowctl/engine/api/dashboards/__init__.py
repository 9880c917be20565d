"""Dashboards (API sheet 6): their texts, and the data of their charts."""
