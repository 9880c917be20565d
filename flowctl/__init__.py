"""flowctl: plan, apply and promote workflow flows."""

__version__ = "0.1.0"
