"""What operators do with values."""
