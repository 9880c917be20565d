"""The workspace on disk → `Project`: environments, flow files, layers, checks, Git."""
