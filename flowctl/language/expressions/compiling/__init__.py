"""A template's tree to closures: compiled once, called at every rendering."""
