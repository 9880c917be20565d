"""Earlier applies: listed, traced to their lines, and gone back to."""
