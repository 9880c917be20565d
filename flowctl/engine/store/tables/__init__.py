"""Functions of an open connection, a module per table or two: reads anywhere, writes inside `Store.write`."""
