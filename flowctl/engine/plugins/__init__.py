"""What a task is made of: the protocol of plugins, and the built-in tasks which use it as any plugin would."""
