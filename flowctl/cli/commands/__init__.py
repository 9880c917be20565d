"""One module per command; `command` in each is what `flowctl NAME` runs."""
