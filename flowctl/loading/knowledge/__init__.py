"""What the texts of flows say: learned once, and remembered by their digests."""
