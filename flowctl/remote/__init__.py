"""A Kestra-compatible server over HTTP: live state, writes, the ledger and the lock kept on it."""
