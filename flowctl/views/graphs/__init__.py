"""Flows, tasks and executions as pictures: text, Mermaid, SVG."""
