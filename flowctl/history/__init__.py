"""What past applies left: the state at a serial, and who wrote which line. Pure."""
