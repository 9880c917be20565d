"""What is done to executions, triggers and secrets of a server from the command line."""
