"""What flowctl keeps about itself on a server: the ledger, the lock and the history."""
